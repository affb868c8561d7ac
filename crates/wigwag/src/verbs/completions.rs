//! `wigwag completions`: scripts for shells. The verbs and their options come from the command line itself; the words of
//! `wigwag chatops run ...` are asked of the grammar, and names of the server, if there is one.

use crate::cli::Cli;
use anyhow::{Result, bail};
use clap::CommandFactory;
use clap_complete::{Shell, generate};

/// Bash: what follows `chatops run` is asked for, everything else is the script's own.
const BASH: &str = r#"
_wigwag_chatops() {
    if [[ ${COMP_WORDS[1]} == chatops && ${COMP_WORDS[2]} == run && $COMP_CWORD -ge 3 ]]; then
        local line=${COMP_LINE:0:COMP_POINT}
        local -a words
        read -r -a words <<< "$line"
        [[ $line == *' ' ]] && words+=("")
        local current=${words[-1]} IFS=$'\n'
        COMPREPLY=($(wigwag chatops complete -- "${words[@]:3}" 2>/dev/null))
        local cut=${current%"${current##*[=:]}"}
        COMPREPLY=("${COMPREPLY[@]#"$cut"}")
        [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
        return
    fi
    _wigwag "$@"
}
complete -F _wigwag_chatops -o bashdefault -o default wigwag
"#;

/// Zsh.
const ZSH: &str = r#"
_wigwag_chatops() {
    if [[ ${words[2]} == chatops && ${words[3]} == run && CURRENT -ge 4 ]]; then
        local -a found
        found=("${(@f)$(wigwag chatops complete -- "${(@)words[4,CURRENT]}" 2>/dev/null)}")
        compadd -S '' -- $found
        return
    fi
    _wigwag "$@"
}
compdef _wigwag_chatops wigwag
"#;

/// Fish.
const FISH: &str = r#"
function __wigwag_chatops
    set -l words (commandline -opc) (commandline -ct)
    wigwag chatops complete -- $words[4..] 2>/dev/null
end
complete -c wigwag -n '__fish_seen_subcommand_from chatops; and __fish_seen_subcommand_from run' -f -a '(__wigwag_chatops)'
"#;

/// Prints the script.
#[allow(clippy::print_stdout, reason = "the script is what was asked for")]
pub(crate) fn run(shell: Shell) -> Result<()> {
    let ours = match shell {
        Shell::Bash => BASH,
        Shell::Zsh => ZSH,
        Shell::Fish => FISH,
        other => bail!("{other} is not completed; bash, zsh and fish are"),
    };
    generate(shell, &mut Cli::command(), "wigwag", &mut std::io::stdout());
    println!("{ours}");
    Ok(())
}
