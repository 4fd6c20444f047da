# Writes what the reader's shell holds to a file that can be sourced: what was set since it started, its
# functions and aliases, the folder it is in, its options. In a subshell, which changes nothing of it.
(
    __docproof_options=$(set +o; shopt -p)
    set +eu +o pipefail
    trap - ERR
    declare -A __docproof_first=()
    while IFS= read -r -d '' __docproof_pair; do
        __docproof_first[${__docproof_pair%%=*}]=${__docproof_pair#*=}
    done </proc/$$/environ
    umask 077
    {
        while IFS= read -r __docproof_name; do
            case $__docproof_name in
            __docproof* | BASH* | EUID | UID | PPID | SHELLOPTS | PIPESTATUS | FUNCNAME | GROUPS | DIRSTACK | \
                RANDOM | SRANDOM | SECONDS | LINENO | EPOCH* | HIST* | COMP_* | PWD | OLDPWD | SHLVL | _) continue ;;
            esac
            if [[ -n ${__docproof_first[$__docproof_name]+x} &&
                ${!__docproof_name} == "${__docproof_first[$__docproof_name]}" ]]; then
                continue
            fi
            declare -p "$__docproof_name"
        done < <(compgen -v)
        while IFS= read -r __docproof_name; do
            [[ $__docproof_name == __docproof* ]] || declare -f "$__docproof_name"
        done < <(compgen -A function)
        alias -p
        printf 'cd -- %q || return\n' "$PWD"
        printf '%s\n' "$__docproof_options"
    } >@FILE@ 2>/dev/null
)
