//! `wigwag completions`: scripts for shells. The verbs and their options come from the command line itself; the words of
//! `wigwag chatops run ...` are asked of the grammar, and names of the server, if there is one.

use crate::cli::Cli;
use crate::verbs::say;
use anyhow::{Result, bail};
use clap::CommandFactory;
use clap_complete::{Shell, generate};

/// Bash: what follows `chatops run` is asked for, everything else is the script's own. Bash parts words at `=` and `:` too
/// and replaces the last part alone.
const BASH: &str = r#"
_wigwag_chatops() {
    if [[ ${COMP_WORDS[1]} != chatops || ${COMP_WORDS[2]} != run || $COMP_CWORD -lt 3 ]]; then
        _wigwag "$@"
        return
    fi
    local line=${COMP_LINE:0:COMP_POINT}
    local -a words
    read -r -a words <<< "$line"
    [[ $line == *' ' ]] && words+=("")
    local current=${words[-1]} cut= IFS=$'\n'
    [[ $COMP_WORDBREAKS == *=* ]] && cut=${current%"${current##*[=:]}"}
    COMPREPLY=($(wigwag chatops complete -- "${words[@]:3}" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$cut"}")
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
    return 0
}
complete -F _wigwag_chatops -o bashdefault -o default wigwag
"#;

/// Zsh: likewise. Nothing is put behind what goes on with a value.
const ZSH: &str = r#"
_wigwag_chatops() {
    if [[ ${words[2]} != chatops || ${words[3]} != run || $CURRENT -lt 4 ]]; then
        _wigwag "$@"
        return
    fi
    local -a found
    found=("${(@f)$(wigwag chatops complete -- "${(@Q)words[4,CURRENT]}" 2>/dev/null)}")
    compadd -S '' -- ${(M)found:#*=}
    compadd -- ${found:#*=}
}
compdef _wigwag_chatops wigwag
"#;

/// Fish: likewise.
const FISH: &str = r#"
function __wigwag_chatops
    set -l words (commandline -opc) (commandline -ct)
    wigwag chatops complete -- $words[4..] 2>/dev/null
end
complete -c wigwag -n '__fish_seen_subcommand_from chatops; and __fish_seen_subcommand_from run' -f -a '(__wigwag_chatops)'
"#;

/// Prints the script for `bash`, `zsh` or `fish`.
pub(crate) fn run(shell: &str) -> Result<()> {
    let (shell, ours) = match shell {
        "bash" => (Shell::Bash, BASH),
        "zsh" => (Shell::Zsh, ZSH),
        "fish" => (Shell::Fish, FISH),
        other => bail!("{other} is not completed; bash, zsh and fish are"),
    };
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "wigwag", &mut script);
    say::line(&format!("{}{ours}", String::from_utf8_lossy(&script)))
}
