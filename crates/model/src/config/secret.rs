//! Secrets: written as they are, or as the name of an environment variable.

use std::fmt;

use crate::Text;

/// What stands before the name of an environment variable.
const FROM_ENVIRONMENT: &str = "env:";

/// A key or password as the configuration has it. It never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Text);

impl Secret {
    /// Takes what is written in the file: `env:NAME`, or the secret itself.
    pub fn new(written: impl Into<Text>) -> Self {
        Self(written.into())
    }

    /// The environment variable that holds it, if it is not written in the file.
    pub fn variable(&self) -> Option<&str> {
        self.0.strip_prefix(FROM_ENVIRONMENT).map(str::trim)
    }

    /// The secret itself, or the name of the environment variable that is unset or empty.
    ///
    /// # Errors
    /// Returns the name of the variable.
    pub fn reveal(&self, environment: &Environment<'_>) -> Result<Text, &str> {
        match self.variable() {
            None => Ok(self.0.clone()),
            Some(name) => match environment(name) {
                Some(value) if !value.trim().is_empty() => Ok(value.trim().into()),
                _ => Err(name),
            },
        }
    }
}

/// How an environment variable is read.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_from_the_file_or_the_environment_and_never_prints() {
        let environment = |name: &str| (name == "KEY").then(|| " from-env\n".to_owned());
        assert_eq!(Secret::new("abc").reveal(&environment).as_deref(), Ok("abc"));
        assert_eq!(Secret::new("env:KEY").reveal(&environment).as_deref(), Ok("from-env"));
        assert_eq!(Secret::new("env:OTHER").reveal(&environment), Err("OTHER"));
        assert_eq!(format!("{:?}", Secret::new("abc")), "****");
    }
}
