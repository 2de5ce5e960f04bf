# Completion of lvs-backup for bash. Load it with: source <(lvs-backup completion bash)

_lvs_backup() {
  local program="${COMP_WORDS[0]/#\~/$HOME}" candidate
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    COMPREPLY+=("$candidate")
  done < <("$program" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}

# Ids come newest first; bash before 4.4 sorts them.
complete -o nosort -o default -F _lvs_backup lvs-backup 2>/dev/null \
  || complete -o default -F _lvs_backup lvs-backup
