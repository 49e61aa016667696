//! What is left to whoever is banned: to see what is theirs, to read the terms, and to ask for help.
//!
//! Invariant: every way in asks here before anything else happens; what is not named is closed, so
//! something new is closed until somebody decides otherwise.

use crate::bot::callback::Callback;
use crate::bot::callback::renting::Renting;
use crate::bot::callback::trust::TrustPress;
use crate::bot::command::Command;
use crate::bot::dialogue::Question;

/// What somebody comes for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Errand<'e> {
    /// A command.
    Command(&'e Command),
    /// A button.
    Press(&'e Callback),
    /// A text or a picture, which can be the answer to a question of ours.
    Words,
    /// Anything else.
    Other,
}

impl Errand<'_> {
    /// Whether it is left to whoever is banned. `asked` is the question that waits for an answer.
    pub(crate) fn is_left(self, asked: Option<&Question>) -> bool {
        match self {
            Self::Command(command) => leaves_command(command),
            Self::Press(callback) => leaves_press(callback),
            Self::Words => matches!(asked, Some(Question::Support)),
            Self::Other => false,
        }
    }
}

fn leaves_command(command: &Command) -> bool {
    match command {
        Command::Orders(_)
        | Command::Wallet(_)
        | Command::Paysupport(_)
        | Command::Support(_)
        | Command::Terms(_)
        | Command::Privacy(_)
        | Command::Mydata(_)
        | Command::Cancel(_) => true,
        // A deleted account would be a new one, and nobody would know of the ban.
        Command::Deleteme(_)
        | Command::Start(_)
        | Command::Buy(_)
        | Command::Rent(_)
        | Command::Email(_)
        | Command::Invite(_)
        | Command::Language(_)
        | Command::Help(_)
        | Command::Voucher(_) => false,
    }
}

fn leaves_press(callback: &Callback) -> bool {
    matches!(
        callback,
        Callback::Orders { .. }
            | Callback::OrdersBelow
            | Callback::Order { .. }
            | Callback::Wallet
            | Callback::Rent(Renting::Mine { .. } | Renting::Inbox { .. })
            | Callback::Trust(TrustPress::Terms | TrustPress::Privacy | TrustPress::Support)
    )
}
