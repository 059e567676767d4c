//! Which servers may be asked: names that are listed, at addresses that are public or listed themselves.
//!
//! A name can be made to point anywhere, so allowing it does not allow the machine's own network: an address there
//! (loopback, private, link-local, and all the ways of writing these) must stand in the list as an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which servers may be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    listed: Vec<Listed>,
    /// Whether names that are not listed may be asked too, at public addresses.
    public: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Listed {
    host: String,
    port: Option<u16>,
    /// Whether the name may stand for any address, since a person gave it and no query.
    anywhere: bool,
}

impl Allow {
    /// The servers of a list: hosts, or `host:port`. Nobody when it is empty.
    ///
    /// # Errors
    /// With the entry that is neither.
    pub fn listed(list: &[String]) -> Result<Self, String> {
        let entry = |text: &String| {
            let (host, port) = split(text).ok_or_else(|| format!("`{text}` is neither a host nor host:port"))?;
            Ok(Listed { host, port, anywhere: false })
        };
        Ok(Self { listed: list.iter().map(entry).collect::<Result<_, String>>()?, public: false })
    }

    /// The server of an address that a person gave, wherever it is, and what it redirects to in public.
    ///
    /// # Errors
    /// When it is no address of a server.
    pub fn server(url: &str) -> Result<Self, String> {
        let uri: ureq::http::Uri = url.parse().map_err(|why| format!("`{url}` is no address: {why}"))?;
        let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(format!("`{url}` is no address of a server: http://… or https://… is"));
        };
        let (host, _) = split(authority.host()).ok_or_else(|| format!("`{url}` names no host"))?;
        Ok(Self { listed: vec![Listed { host, port: authority.port_u16(), anywhere: true }], public: true })
    }

    /// Whether nobody may be asked.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.listed.is_empty() && !self.public
    }

    /// Whether a server may be asked, before its name is resolved.
    pub(super) fn name(&self, host: &str, port: u16) -> Result<(), String> {
        let known = self.listed.iter().any(|listed| listed.covers(host, port));
        if known || self.public {
            Ok(())
        } else {
            Err(format!("{host}:{port} is not among the servers that may be asked"))
        }
    }

    /// Whether it may be asked at an address that its name stands for.
    pub(super) fn address(&self, host: &str, address: SocketAddr) -> Result<(), String> {
        self.name(host, address.port())?;
        let ip = plain(address.ip());
        let covers = |listed: &Listed| listed.covers(host, address.port());
        let by_person = self.listed.iter().any(|listed| listed.anywhere && covers(listed));
        let itself = self.listed.iter().any(|listed| {
            listed.port.is_none_or(|port| port == address.port())
                && (as_address(&listed.host) == Some(ip) || listed.host == "localhost" && ip.is_loopback())
        });
        if is_public(ip) || by_person || itself {
            Ok(())
        } else {
            Err(format!("{host} stands for {ip}, which is no public address; list the address itself to allow it"))
        }
    }
}

impl Listed {
    fn covers(&self, host: &str, port: u16) -> bool {
        let same = self.host == host.trim_end_matches('.').to_ascii_lowercase()
            || as_address(&self.host).is_some_and(|address| as_address(host) == Some(address));
        same && self.port.is_none_or(|listed| listed == port)
    }
}

/// A host and perhaps a port: `kb.example`, `kb.example:8080`, `[::1]:7878`, `::1`.
fn split(text: &str) -> Option<(String, Option<u16>)> {
    let text = text.trim();
    if text.parse::<Ipv6Addr>().is_ok() {
        return Some((text.to_owned(), None));
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !text.ends_with(']') => (host, Some(port.parse().ok()?)),
        _ => (text, None),
    };
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    let named = host.parse::<IpAddr>().is_ok()
        || host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    (named && !host.is_empty()).then(|| (host.trim_end_matches('.').to_ascii_lowercase(), port))
}

/// A host that is written as an address.
fn as_address(host: &str) -> Option<IpAddr> {
    let host = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(host);
    host.parse().ok().map(plain)
}

/// An IPv4 address in whatever IPv6 it is wrapped: mapped, compatible, 6to4, NAT64.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match six.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => address,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            of(high, low)
        }
        _ => address,
    }
}

/// Whether an address is one of the open Internet's (IANA's special-purpose registries say which are not).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            let [a, b, c, _] = four.octets();
            let special = four.is_private()
                || four.is_loopback()
                || four.is_link_local()
                || four.is_broadcast()
                || four.is_documentation()
                || four.is_multicast();
            let reserved = a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19));
            !special && !reserved
        }
        // Global unicast is 2000::/3; of it, 2001:0::/23 and the documentation prefixes are not.
        IpAddr::V6(six) => match six.segments() {
            [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
            [0x3fff, second, ..] => second >= 0x1000,
            [first, ..] => (0x2000..0x4000).contains(&first),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(list: &[&str]) -> Allow {
        Allow::listed(&list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()).expect("a list")
    }

    #[test]
    fn addresses_of_ones_own_network_are_none_of_the_open_internet() {
        for address in [
            "127.0.0.1",
            "127.1.2.3",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "203.0.113.9",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "4000::1",
        ] {
            assert!(!is_public(plain(address.parse().expect(address))), "{address}");
        }
        for address in ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2002:808:808::", "::ffff:8.8.8.8", "2a00::1"] {
            assert!(is_public(plain(address.parse().expect(address))), "{address}");
        }
    }

    #[test]
    fn only_what_is_listed_may_be_asked() {
        let allow = listed(&["kb.example", "other.example:8080", "localhost:7878", "10.0.0.5", "inner.example"]);
        for (host, address, may) in [
            ("kb.example", "93.184.216.34:80", true),
            ("KB.example.", "93.184.216.34:443", true),
            ("kb.example", "127.0.0.1:80", false),
            ("kb.example", "[::ffff:169.254.169.254]:80", false),
            ("kb.example.evil", "93.184.216.34:80", false),
            ("other.example", "93.184.216.34:8080", true),
            ("other.example", "93.184.216.34:80", false),
            ("localhost", "127.0.0.1:7878", true),
            ("localhost", "[::1]:7878", true),
            ("localhost", "127.0.0.1:22", false),
            ("localhost", "10.0.0.9:7878", false),
            ("inner.example", "10.0.0.5:80", true),
            ("inner.example", "10.0.0.6:80", false),
            ("10.0.0.5", "10.0.0.5:80", true),
            ("[::ffff:10.0.0.5]", "[::ffff:10.0.0.5]:80", true),
            ("10.0.0.6", "10.0.0.6:80", false),
            // Other ways of writing 10.0.0.5 are other names, which are not listed.
            ("167772165", "10.0.0.5:80", false),
            ("012.0.0.5", "10.0.0.5:80", false),
            ("0x0a.0.0.5", "10.0.0.5:80", false),
        ] {
            let address = address.parse().expect(address);
            assert_eq!(allow.address(host, address).is_ok(), may, "{host} {address}");
        }
        assert!(listed(&[]).is_nobody());
        for bad in ["http://x/", "a b", "", "x:y", ":80"] {
            assert!(Allow::listed(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_person_may_name_any_server_and_its_redirects_stay_in_public() {
        let allow = Allow::server("http://127.0.0.1:7878/query").expect("an address");
        for (host, address, may) in [
            ("127.0.0.1", "127.0.0.1:7878", true),
            ("127.0.0.1", "127.0.0.1:22", false),
            ("elsewhere.example", "93.184.216.34:80", true),
            ("elsewhere.example", "192.168.0.1:80", false),
        ] {
            let address = address.parse().expect(address);
            assert_eq!(allow.address(host, address).is_ok(), may, "{host} {address}");
        }
        for bad in ["", "x", "ftp://x/", "file:///etc/passwd", "http://"] {
            assert!(Allow::server(bad).is_err(), "{bad}");
        }
    }
}
