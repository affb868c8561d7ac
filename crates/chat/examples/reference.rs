//! Prints the reference page of the chat commands, for `docs/using/chat-commands.md`.

#![allow(clippy::print_stdout, reason = "the page is what was asked for")]

fn main() {
    print!("{}", wigwag_chat::reference_page());
}
