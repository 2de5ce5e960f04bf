#compdef lvs-backup
# Completion of lvs-backup for zsh. Load it with: source <(lvs-backup completion zsh)

_lvs_backup() {
  local program=${(Q)words[1]/#\~/$HOME} candidate description
  local -a candidates shown
  while IFS=$'\t' read -r candidate description; do
    candidates+=("$candidate")
    shown+=("$candidate${description:+  -- $description}")
  done < <("$program" complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)
  if (( ${#candidates} )); then
    compadd -V lvs-backup -l -d shown -a candidates
  else
    _files
  fi
}

if [[ ${funcstack[1]:-} == _lvs-backup ]]; then
  _lvs_backup "$@"
else
  (( ${+functions[compdef]} )) || { autoload -Uz compinit && compinit; }
  compdef _lvs_backup lvs-backup
fi
