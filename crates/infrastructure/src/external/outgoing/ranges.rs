use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is for that no machine on the internet has: its purpose in IANA's registries of special-purpose addresses
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, `…/iana-ipv6-special-registry`, RFC 6890), or in that of
/// multicast. Nothing for an address of the internet.
pub(super) fn special_purpose(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

const V4: [(Ipv4Addr, u32, &str); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "shared by a carrier"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local, where clouds keep metadata"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved for protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "reserved for relays"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
    (Ipv4Addr::new(168, 63, 129, 16), 32, "where Azure keeps metadata"),
];

fn v4(address: Ipv4Addr) -> Option<&'static str> {
    let is_in = |(network, bits, _): &&(Ipv4Addr, u32, &str)| {
        (u32::from(address) ^ u32::from(*network)).leading_zeros() >= *bits
    };
    V4.iter().find(is_in).map(|(_, _, purpose)| *purpose)
}

const V6: [(Ipv6Addr, u32, &str); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved for protocols"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4, which leads to another address"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

fn v6(address: Ipv6Addr) -> Option<&'static str> {
    if address.is_loopback() {
        return Some("loopback");
    }
    if let Some(mapped) = address.to_ipv4_mapped() {
        return v4(mapped);
    }
    // NAT64 (RFC 6052): the last four bytes are the address that is reached.
    if let [0x64, 0xff9b, 0, 0, 0, 0, high, low] = address.segments() {
        return v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    }
    let is_in = |(network, bits, _): &&(Ipv6Addr, u32, &str)| {
        (u128::from(address) ^ u128::from(*network)).leading_zeros() >= *bits
    };
    if let Some((_, _, purpose)) = V6.iter().find(is_in) {
        return Some(purpose);
    }
    // All that is given out to the internet so far stands in 2000::/3 (RFC 4291, section 2.4, and IANA's registry).
    (address.segments()[0] >> 13 != 1).then_some("private or link-local, or reserved")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_internet_have_no_special_purpose() {
        for address in
            ["1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "223.255.255.255"]
        {
            assert_eq!(special_purpose(address.parse().unwrap()), None, "{address}");
        }
        for address in ["2606:4700:4700::1111", "2a00:1450:4001::1", "64:ff9b::101:101", "::ffff:1.1.1.1"] {
            assert_eq!(special_purpose(address.parse().unwrap()), None, "{address}");
        }
    }

    #[test]
    fn addresses_of_one_s_own_are_known_in_every_form() {
        let own = [
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::",
            "::10.0.0.1",
        ];
        for address in own {
            assert!(special_purpose(address.parse().unwrap()).is_some(), "{address}");
        }
    }
}
