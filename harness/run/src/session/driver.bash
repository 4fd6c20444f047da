# What the reader's shell runs before the first block. It waits for the path of a block, sources the
# block as if it had been pasted, and says how that went. The block sees an ordinary shell: its
# variables, functions, folder and options stay for the blocks after it.
#   $1 folder of this session; fd 8 takes what is said, fd 9 gives the next block.
__docproof_folder=$1
shift
exec 8>"$__docproof_folder/status" 9<"$__docproof_folder/control"
__docproof_error() {
    if [[ $3 == "$__docproof_block" ]]; then
        printf 'error %s %s\n' "$1" "$2" >&8
    fi
}
set -E
trap '__docproof_error "$?" "$LINENO" "${BASH_SOURCE[0]}" 8>&8' ERR
printf 'ready\n' >&8
while IFS=' ' read -r __docproof_where __docproof_block <&9; do
    if [[ $__docproof_where == terminal ]]; then
        source "$__docproof_block" >&0 2>&0 8>&- 9<&-
        __docproof_status=$?
        # What is printed to a terminal arrives on its own way, so its end is said there too.
        printf '\036through\036' >&0
    elif [[ $__docproof_where == asked ]]; then
        # On the terminal too, for commands that ask; they need no shell inside, so errors are told.
        source "$__docproof_block" >&0 2>&0
        __docproof_status=$?
        printf '\036through\036' >&0
    else
        source "$__docproof_block" </dev/null >"$__docproof_block.out" 2>"$__docproof_block.err"
        __docproof_status=$?
    fi
    printf 'done %s\n' "$__docproof_status" >&8
done
