# Completion of lvs-backup for fish. Load it with: lvs-backup completion fish | source

function __lvs_backup_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l candidates ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null </dev/null)
    if test (count $candidates) -gt 0
        printf '%s\n' $candidates
    else
        __fish_complete_path "$current"
    end
end

complete -c lvs-backup -f -k -a '(__lvs_backup_complete)'
