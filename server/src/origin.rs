//! Which web pages may connect, told by what browsers say of them.
//!
//! A browser lets every page open a WebSocket to every address that its user can reach, and says
//! in `Origin` whose page it is. A page may also have its own name lead to an address of ours (DNS
//! rebinding); then `Origin` and `Host` agree, but `Host` is no name of ours. Programs that are no
//! browser send no `Origin`, and nothing is asked of them.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use crate::config::Config;

/// The rule for all requests of one server.
#[derive(Debug)]
pub(crate) struct OriginPolicy {
    /// Only this machine can reach the server.
    is_loopback: bool,
    /// Names of ours, in lower case.
    names: Vec<String>,
    any_name: bool,
    origins: Vec<Origin>,
    any_origin: bool,
}

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// It is meant for a host that we are not.
    Host,
    /// It is made by a page that is neither ours nor allowed.
    Origin,
}

/// An origin that may connect: `scheme://host[:port]`, or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedOrigin(Allowed<Origin>);

/// A host name that is ours, or `*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHost(Allowed<String>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Allowed<T> {
    All,
    This(T),
}

/// An origin as browsers compare them; a port is left out where it is the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: String,
    port: Option<u16>,
}

impl OriginPolicy {
    /// The policy of a server that listens on `bound`, on a machine of this name.
    pub(crate) fn new(config: &Config, bound: IpAddr, machine: Option<&str>) -> Self {
        let is_loopback = bound.to_canonical().is_loopback();
        let mut names = vec!["localhost".to_owned()];
        if let Some(machine) = machine.filter(|_| !is_loopback) {
            let short = machine.split('.').next().unwrap_or(machine).to_ascii_lowercase();
            names.extend([machine.to_ascii_lowercase(), format!("{short}.local"), short]);
        }
        let mut any_name = false;
        for AllowedHost(allowed) in &config.allow_host {
            match allowed {
                Allowed::All => any_name = true,
                Allowed::This(name) => names.push(name.clone()),
            }
        }
        let mut any_origin = false;
        let mut origins = Vec::new();
        for AllowedOrigin(allowed) in &config.allow_origin {
            match allowed {
                Allowed::All => any_origin = true,
                Allowed::This(origin) => origins.push(origin.clone()),
            }
        }
        Self { is_loopback, names, any_name, origins, any_origin }
    }

    /// Judges what a request says of itself. Without an `Origin` no browser sent it for a page
    /// that we could be protected from.
    pub(crate) fn judge(&self, host: &str, origin: Option<&str>) -> Result<(), Foreign> {
        let Some(origin) = origin else { return Ok(()) };
        let (name, port) = split_port(host).ok_or(Foreign::Host)?;
        let name = canonical(name);
        if !self.is_ours(&name) {
            return Err(Foreign::Host);
        }
        if self.any_origin {
            return Ok(());
        }
        let origin = Origin::parse(origin).ok_or(Foreign::Origin)?;
        let own = is_web(&origin.scheme)
            && origin.host == name
            && origin.port == without_default(&origin.scheme, port);
        if own || self.origins.contains(&origin) { Ok(()) } else { Err(Foreign::Origin) }
    }

    fn is_ours(&self, name: &str) -> bool {
        let by_address = literal(name)
            .is_some_and(|address| !self.is_loopback || address.to_canonical().is_loopback());
        self.any_name || by_address || self.names.iter().any(|own| own == name)
    }
}

impl Origin {
    /// `None` for `null`, and for what no browser sends.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (host, port) = split_port(rest)?;
        let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        if host.is_empty() || scheme.is_empty() || !scheme.bytes().all(is_scheme) {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let port = without_default(&scheme, port);
        Some(Self { scheme, host: canonical(host), port })
    }
}

impl FromStr for AllowedOrigin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "*" => Ok(Self(Allowed::All)),
            "null" => Err("`null` is what any page can be made to send; `*` allows all"),
            _ => {
                let origin = Origin::parse(text.strip_suffix('/').unwrap_or(text));
                let origin = origin.ok_or("an origin, such as https://chat.example.org, or `*`")?;
                Ok(Self(Allowed::This(origin)))
            }
        }
    }
}

impl FromStr for AllowedHost {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, split_port(text)) {
            ("*", _) => Ok(Self(Allowed::All)),
            (_, Some((name, None))) if !name.is_empty() && !name.contains('*') => {
                Ok(Self(Allowed::This(canonical(name))))
            }
            _ => Err("a name without scheme or port, such as chat.example.org, or `*`"),
        }
    }
}

/// Whether this may stand in a `Host` header; nothing at all may.
pub(crate) fn is_host(text: &str) -> bool {
    split_port(text).is_some()
}

/// `host` and `port` of `host[:port]`; `None` if it is none.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    let end = text.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match text[end..].find(':') {
        Some(colon) => (&text[..end + colon], &text[end + colon + 1..]),
        None => (text, ""),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&byte);
    let is_valid = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.bytes().all(is_name),
    };
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    let port = if port.is_empty() { None } else { Some(port.parse().ok()?) };
    (is_valid && is_number).then_some((host, port))
}

/// A host name as it is compared: case and the dot of the root make no difference.
fn canonical(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

fn is_web(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}

fn without_default(scheme: &str, port: Option<u16>) -> Option<u16> {
    port.filter(|port| !matches!((scheme, port), ("http", 80) | ("https", 443)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(bound: &str, origins: &[&str], hosts: &[&str]) -> OriginPolicy {
        let config = Config {
            allow_origin: origins.iter().map(|origin| origin.parse().unwrap()).collect(),
            allow_host: hosts.iter().map(|host| host.parse().unwrap()).collect(),
            ..Config::default()
        };
        OriginPolicy::new(&config, bound.parse().unwrap(), Some("Box.Example"))
    }

    #[track_caller]
    fn check(policy: &OriginPolicy, host: &str, origin: &str, expected: Result<(), Foreign>) {
        assert_eq!(policy.judge(host, Some(origin)), expected, "{host} {origin}");
    }

    #[test]
    fn a_page_of_our_own_address_may_connect_and_no_other() {
        let policy = policy("127.0.0.1", &[], &[]);
        let own = |host: &str, origin: &str| check(&policy, host, origin, Ok(()));
        own("localhost:4856", "http://localhost:4856");
        own("LocalHost.:4856", "http://localhost:4856");
        own("127.0.0.1:4856", "http://127.0.0.1:4856");
        own("127.9.9.9", "http://127.9.9.9");
        own("[::1]:4856", "http://[::1]:4856");
        own("localhost", "https://localhost");
        own("localhost:443", "https://localhost");
        own("localhost:80", "http://localhost");
        let foreign = |host: &str, origin: &str| check(&policy, host, origin, Err(Foreign::Origin));
        foreign("localhost:4856", "http://evil.example");
        foreign("localhost:4856", "http://localhost:4000");
        foreign("localhost:4856", "http://localhost");
        foreign("localhost:4856", "http://127.0.0.1:4856");
        foreign("localhost:443", "http://localhost");
        foreign("localhost:4856", "ftp://localhost:4856");
        foreign("localhost:4856", "null");
        foreign("localhost:4856", "");
        foreign("localhost:4856", "http://localhost:4856/path");
    }

    #[test]
    fn a_host_that_is_not_ours_is_refused_to_browsers_alone() {
        let policy = policy("127.0.0.1", &[], &[]);
        for host in ["evil.example:4856", "192.0.2.7:4856", "box.example:4856", "", "a b"] {
            check(&policy, host, &format!("http://{host}"), Err(Foreign::Host));
            assert_eq!(policy.judge(host, None), Ok(()));
        }
    }

    #[test]
    fn a_server_for_others_is_known_by_addresses_and_by_its_machines_name() {
        for bound in ["0.0.0.0", "::", "192.0.2.7"] {
            let policy = policy(bound, &[], &[]);
            for host in
                ["192.0.2.7", "[2001:db8::1]", "localhost", "box.example", "BOX", "box.local"]
            {
                check(&policy, host, &format!("http://{host}"), Ok(()));
            }
            check(&policy, "evil.example", "http://evil.example", Err(Foreign::Host));
        }
    }

    #[test]
    fn names_and_origins_can_be_allowed() {
        let with_name = policy("127.0.0.1", &[], &["Chat.Example.org"]);
        check(&with_name, "chat.example.org", "https://chat.example.org", Ok(()));
        check(&with_name, "chat.example.org", "https://example.org", Err(Foreign::Origin));
        let with_origin =
            policy("127.0.0.1", &["https://a.example:443/", "tauri://localhost"], &[]);
        check(&with_origin, "localhost:4856", "https://a.example", Ok(()));
        check(&with_origin, "localhost:4856", "tauri://localhost", Ok(()));
        check(&with_origin, "localhost:4856", "http://a.example", Err(Foreign::Origin));
        check(&with_origin, "evil.example", "https://a.example", Err(Foreign::Host));
        let all = policy("127.0.0.1", &["*"], &["*"]);
        check(&all, "evil.example", "null", Ok(()));
    }

    #[test]
    fn a_host_is_a_name_or_an_address_with_or_without_a_port() {
        for host in ["", "x", "x:1", "x:", "[::1]", "[::1]:80", "192.0.2.7:65535", "a_b.example."] {
            assert!(is_host(host), "{host}");
        }
        for host in ["a b", "a/b", "a@b", "x:65536", "x:y", "x:1:2", "::1", "[::1", "[x]", "[::1]x"]
        {
            assert!(!is_host(host), "{host}");
        }
    }
}
