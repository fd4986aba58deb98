//! Small things that are remembered by name.

use firsthand_model::Text;

use crate::Result;

/// Names and texts. Whoever owns a name says what its text means.
pub trait Settings {
    /// The text of a name; `None` where it has none.
    fn setting(&self, name: &str) -> Result<Option<String>>;

    /// All names and texts, by name.
    fn settings(&self) -> Result<Vec<(Text, String)>>;

    /// Gives a name this text if it has none; returns the text that it then has.
    fn setting_or(&self, name: &str, value: &str) -> Result<String>;

    /// Sets the text of a name; `None` removes it.
    fn set_setting(&self, name: &str, value: Option<&str>) -> Result<()>;
}
