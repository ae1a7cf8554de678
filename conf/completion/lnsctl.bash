# bash completion for lnsctl(8): the tool itself knows what may come next.
_lnsctl() {
	local current=${COMP_WORDS[COMP_CWORD]} words
	words=$(lnsctl help --complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	if [[ $words == *:files* ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	else
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	fi
}
complete -F _lnsctl lnsctl
