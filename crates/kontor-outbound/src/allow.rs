//! What the operator lets the program reach although it is not in the open: machines by name, networks by their addresses.

use std::net::IpAddr;

use crate::range::{Network, is_public};

/// What may be reached beside the internet at large.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    hosts: Vec<String>,
    networks: Vec<Network>,
}

/// Neither a network nor the name of a machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a network such as 10.0.0.0/8 nor the name of a machine such as hooks.internal")]
pub struct NotAllowable(pub String);

impl Allow {
    /// Reads a list of networks (`10.0.0.0/8`, `127.0.0.1`) and of names (`hooks.internal`), which are compared whole.
    ///
    /// # Errors
    /// The first that is neither.
    pub fn parse<'t>(list: impl IntoIterator<Item = &'t str>) -> Result<Self, NotAllowable> {
        let mut all = Self::default();
        for text in list.into_iter().map(str::trim).filter(|text| !text.is_empty()) {
            let is_name = |text: &str| {
                text.len() <= 253
                    && text.contains(|letter: char| letter.is_ascii_alphabetic())
                    && text
                        .chars()
                        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '_'))
            };
            match Network::parse(text) {
                Some(network) => all.networks.push(network),
                None if is_name(text) => all.hosts.push(text.trim_end_matches('.').to_ascii_lowercase()),
                None => return Err(NotAllowable(text.to_owned())),
            }
        }
        Ok(all)
    }

    /// Whether a machine may be reached at an address. `host` is as the request names it: a name or an address.
    pub fn admits(&self, host: &str, address: IpAddr) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        is_public(address)
            || self.hosts.contains(&host)
            || self.networks.iter().any(|network| network.holds(address))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_what_is_listed_is_reached_inside() {
        let list = Allow::parse(["10.0.0.0/8", " Hooks.Internal ", "", "::1"]).unwrap();
        let admits = |host: &str, address: &str| list.admits(host, address.parse().unwrap());
        assert!(admits("a.example", "10.9.9.9") && admits("::1", "::1"));
        assert!(admits("hooks.internal", "192.168.0.1") && admits("HOOKS.internal.", "127.0.0.1"));
        assert!(admits("anything.example", "8.8.8.8"));
        assert!(!admits("a.example", "192.168.0.1") && !admits("sub.hooks.internal", "127.0.0.1"));
        assert!(!Allow::default().admits("localhost", "127.0.0.1".parse().unwrap()));
        for wrong in ["10.0.0.0/99", "a b", "http://x", "10.0.0"] {
            assert_eq!(Allow::parse([wrong]), Err(NotAllowable(wrong.to_owned())), "{wrong}");
        }
    }
}
