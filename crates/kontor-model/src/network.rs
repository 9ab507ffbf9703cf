//! A network of addresses, as roles name those from which people may sign in: `10.0.0.0/8`, `2001:db8::/32`, or one address.

use std::net::IpAddr;

/// A network of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.0.0.0/8` or one address; `None` for what is neither, and for a network that names a single machine in it
    /// (`10.0.0.1/8`), because nobody can tell which of the two was meant.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) if bits.len() <= 3 && bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                (address, Some(bits.parse::<u8>().ok()?))
            }
            Some(_) => return None,
            None => (text, None),
        };
        let base: IpAddr = address.parse().ok()?;
        let width = width(base);
        let network = Self { base, bits: bits.unwrap_or(width) };
        (network.bits <= width && network.prefix(base) == number(base)).then_some(network)
    }

    /// Whether an address lies in it. An address of the old kind that comes in the clothes of the new one is the old one.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        width(address) == width(self.base) && self.prefix(address) == number(self.base)
    }

    /// The number of an address with all that is not the network's set to nothing.
    fn prefix(&self, address: IpAddr) -> u128 {
        let rest = u32::from(width(address).saturating_sub(self.bits));
        number(address).checked_shr(rest).and_then(|kept| kept.checked_shl(rest)).unwrap_or(0)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_network_holds_its_own_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("192.168.4.7", "192.168.4.7", "192.168.4.8"),
            ("192.168.4.0/23", "192.168.5.255", "192.168.6.0"),
            ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
            ("10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("::/0", "::1", "127.0.0.1"),
        ] {
            let network = Network::parse(network).unwrap();
            assert!(network.holds(inside.parse().unwrap()), "{network:?} {inside}");
            assert!(!network.holds(outside.parse().unwrap()), "{network:?} {outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in
            ["", "10.0.0", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/+8", "::/129", "office"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
