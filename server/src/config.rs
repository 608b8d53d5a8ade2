//! What the operator may decide: options on the command line, or in the environment.
//!
//! Each value is checked once, here; whatever a [`Config`] holds after that makes sense.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use hullo::protocol::{DEFAULT_ADDRESS, MAX_MESSAGE_BYTES};
use tracing_subscriber::filter::Targets;

use crate::origin::{AllowedHost, AllowedOrigin};

/// Options of the daemon: those of the server, and where to listen and how to log.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDR:PORT", env = "HULLO_LISTEN", default_value = DEFAULT_ADDRESS)]
    pub listen: ListenAddress,
    /// How the server behaves.
    #[command(flatten)]
    pub config: Config,
    /// How logs are written
    #[arg(long, value_name = "FORMAT", env = "HULLO_LOG_FORMAT", default_value = "human")]
    pub log_format: LogFormat,
    /// What is logged: a level, or targets with levels such as `warn,hullo_server=debug`
    #[arg(
        long, value_name = "LEVEL", env = "HULLO_LOG", default_value = "info",
        value_parser = Targets::from_str
    )]
    pub log_level: Targets,
    /// A file for the log, instead of stderr; beyond 1 MiB it becomes PATH.1, and a new one begins
    #[arg(long, value_name = "PATH", env = "HULLO_LOG_FILE")]
    pub log_file: Option<PathBuf>,
}

/// How the server behaves.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Stop once nobody has been connected for this long, such as `60s`
    #[arg(
        long, value_name = "DURATION", env = "HULLO_EXIT_WHEN_EMPTY", value_parser = duration
    )]
    pub exit_when_empty: Option<Duration>,
    /// How many members are asked to answer a newcomer: a number, or `all`
    #[arg(long, value_name = "N|all", env = "HULLO_GREETERS", default_value = "32")]
    pub greeters: Greeters,
    /// The largest message a client may send
    #[arg(
        long, value_name = "N", env = "HULLO_MAX_MESSAGE_BYTES",
        default_value_t = MAX_MESSAGE_BYTES, value_parser = message_bytes
    )]
    pub max_message_bytes: usize,
    /// How fast one session may push, with bursts of four times as many; 0 is no limit
    #[arg(long, value_name = "N", env = "HULLO_MAX_PUSHES_PER_SECOND", default_value_t = 50)]
    pub max_pushes_per_second: u32,
    /// How many bytes one connection may push a second, with bursts of four times as many; 0 is no
    /// limit [default: 262144, or no limit where --max-pushes-per-second is 0]
    #[arg(long, value_name = "N", env = "HULLO_MAX_PUSH_BYTES_PER_SECOND")]
    pub max_push_bytes_per_second: Option<u32>,
    /// How many channels one connection may join
    #[arg(
        long, value_name = "N", env = "HULLO_MAX_CHANNELS", default_value_t = 100,
        value_parser = positive
    )]
    pub max_channels: usize,
    /// How many rooms there may be
    #[arg(
        long, value_name = "N", env = "HULLO_MAX_ROOMS", default_value_t = 100_000,
        value_parser = positive
    )]
    pub max_rooms: usize,
    /// How many members one room may have
    #[arg(
        long, value_name = "N", env = "HULLO_MAX_MEMBERS", default_value_t = 100_000,
        value_parser = positive
    )]
    pub max_members: usize,
    /// How many connections there may be; beyond them, 503
    #[arg(
        long, value_name = "N", env = "HULLO_MAX_CONNECTIONS", default_value_t = 100_000,
        value_parser = positive
    )]
    pub max_connections: usize,
    /// How many connections there may be from one address (of IPv6: from one /64); beyond them,
    /// 503. 0 is no limit, as behind a reverse proxy, whose clients all come from its address
    #[arg(long, value_name = "N", env = "HULLO_MAX_PER_IP", default_value_t = 1000)]
    pub max_per_ip: usize,
    /// For how long a session whose connection broke may be taken back, such as `2m`; 0 is never
    #[arg(
        long, value_name = "DURATION", env = "HULLO_RESUME_WINDOW", default_value = "30s",
        value_parser = duration_or_none
    )]
    pub resume_window: Duration,
    /// How many sessions may be without a connection; beyond them, a broken one leaves at once
    #[arg(long, value_name = "N", env = "HULLO_MAX_AWAY", default_value_t = 10_000)]
    pub max_away: usize,
    /// How many broadcasts each room keeps for those who come later; 0 is none
    #[arg(long, value_name = "N", env = "HULLO_HISTORY", default_value_t = 200)]
    pub history: usize,
    /// For how long a room that everybody has left keeps them; 0 is not at all
    #[arg(
        long, value_name = "DURATION", env = "HULLO_HISTORY_RETENTION", default_value = "1h",
        value_parser = duration_or_none
    )]
    pub history_retention: Duration,
    /// How many bytes all rooms together keep for those who come back or come later
    #[arg(
        long, value_name = "N", env = "HULLO_MAX_KEPT_BYTES", default_value_t = 256 * 1024 * 1024
    )]
    pub max_kept_bytes: usize,
    /// A folder in which all of this is kept, too, so that it outlives the server; for one server
    #[arg(long, value_name = "DIR", env = "HULLO_DATA")]
    pub data: Option<PathBuf>,
    /// When something counts as stored, with --data: `strict` once it is on the disk; `relaxed` once
    /// the system has it, so that a loss of power may take the newest
    #[arg(long, value_name = "HOW", env = "HULLO_DURABILITY", default_value = "strict")]
    pub durability: Durability,
    /// For how long what was said is kept, with --data
    #[arg(
        long, value_name = "DURATION", env = "HULLO_DATA_MAX_AGE", default_value = "30d",
        value_parser = duration
    )]
    pub data_max_age: Duration,
    /// How many entries of one room are kept, with --data: messages, arrivals and departures
    #[arg(
        long, value_name = "N", env = "HULLO_DATA_MAX_ENTRIES", default_value_t = 10_000,
        value_parser = positive
    )]
    pub data_max_entries: usize,
    /// How many bytes are kept of all rooms, with --data
    #[arg(
        long, value_name = "N", env = "HULLO_DATA_MAX_BYTES", default_value_t = 1024 * 1024 * 1024,
        value_parser = positive
    )]
    pub data_max_bytes: usize,
    /// How many bytes of messages a room keeps for members that have not taken them yet
    #[arg(
        long, value_name = "N", env = "HULLO_MAX_ROOM_BACKLOG_BYTES",
        default_value_t = 16 * 1024 * 1024, value_parser = positive
    )]
    pub max_room_backlog_bytes: usize,
    /// How many bytes of messages to one member alone may wait for it
    #[arg(
        long, value_name = "N", env = "HULLO_MAX_QUEUE_BYTES", default_value_t = 1024 * 1024,
        value_parser = positive
    )]
    pub max_queue_bytes: usize,
    /// How long a connection may take none of what waits for it before it is closed as too slow
    #[arg(
        long, value_name = "DURATION", env = "HULLO_MAX_STALL", default_value = "10s",
        value_parser = duration
    )]
    pub max_stall: Duration,
    /// How long a connection may say nothing before it is closed
    #[arg(
        long, value_name = "DURATION", env = "HULLO_IDLE_TIMEOUT", default_value = "60s",
        value_parser = duration
    )]
    pub idle_timeout: Duration,
    /// How long a connection may take for its handshake
    #[arg(
        long, value_name = "DURATION", env = "HULLO_HANDSHAKE_TIMEOUT", default_value = "5s",
        value_parser = duration
    )]
    pub handshake_timeout: Duration,
    /// A site whose pages may connect, such as `https://chat.example.org`, or `*` for all; pages of
    /// this server's own address always may, and so may programs that are no browser
    #[arg(long, value_name = "ORIGIN", env = "HULLO_ALLOW_ORIGIN", value_delimiter = ',')]
    pub allow_origin: Vec<AllowedOrigin>,
    /// A name under which browsers reach this server, or `*` for any, such as the public name where
    /// it stands behind a reverse proxy; its addresses and this machine's name need not be told
    #[arg(long, value_name = "NAME", env = "HULLO_ALLOW_HOST", value_delimiter = ',')]
    pub allow_host: Vec<AllowedHost>,
    /// Who may read what the server counts, at /metrics, for Prometheus. A reverse proxy on this
    /// machine counts as loopback: let it not pass /metrics on
    #[arg(long, value_name = "WHO", env = "HULLO_METRICS", default_value = "loopback")]
    pub metrics: MetricsAccess,
}

/// As much as a second's pushes come to, unless somebody says otherwise.
const PUSH_BYTES_PER_SECOND: u32 = 256 * 1024;

impl Config {
    /// How many bytes one connection may push a second; 0 is no limit. Whoever turns the limit of
    /// pushes off, and says nothing of bytes, wants no limit of bytes either.
    pub fn push_bytes_per_second(&self) -> u32 {
        match (self.max_push_bytes_per_second, self.max_pushes_per_second) {
            (Some(bytes), _) => bytes,
            (None, 0) => 0,
            (None, _) => PUSH_BYTES_PER_SECOND,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            exit_when_empty: None,
            greeters: Greeters::AtMost(32),
            max_message_bytes: MAX_MESSAGE_BYTES,
            max_pushes_per_second: 50,
            max_push_bytes_per_second: None,
            max_channels: 100,
            max_rooms: 100_000,
            max_members: 100_000,
            max_connections: 100_000,
            max_per_ip: 1000,
            resume_window: Duration::from_secs(30),
            max_away: 10_000,
            history: 200,
            history_retention: Duration::from_secs(60 * 60),
            max_kept_bytes: 256 * 1024 * 1024,
            data: None,
            durability: Durability::Strict,
            data_max_age: Duration::from_secs(30 * 24 * 60 * 60),
            data_max_entries: 10_000,
            data_max_bytes: 1024 * 1024 * 1024,
            max_room_backlog_bytes: 16 * 1024 * 1024,
            max_queue_bytes: 1024 * 1024,
            max_stall: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            handshake_timeout: Duration::from_secs(5),
            allow_origin: Vec::new(),
            allow_host: Vec::new(),
            metrics: MetricsAccess::Loopback,
        }
    }
}

/// When something counts as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// Once it is on the disk.
    Strict,
    /// Once the system has it.
    Relaxed,
}

/// How many members are asked to answer a newcomer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeters {
    /// Everybody, however many.
    All,
    /// This many, chosen at random where there are more.
    AtMost(usize),
}

impl FromStr for Greeters {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self::All);
        }
        text.parse().map(Self::AtMost).map_err(|_| "a number, or `all`")
    }
}

/// Who may read `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MetricsAccess {
    /// Those who come from this machine.
    Loopback,
    /// All who can connect.
    All,
    /// Nobody: there is no such page.
    Off,
}

impl MetricsAccess {
    /// Whether one who comes from this address may read them.
    pub(crate) fn allows(self, peer: IpAddr) -> bool {
        match self {
            Self::Loopback => peer.to_canonical().is_loopback(),
            Self::All => true,
            Self::Off => false,
        }
    }
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Human,
    /// A JSON object a line, for programs.
    Json,
}

/// `host:port`, not yet resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress(String);

impl ListenAddress {
    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the port.
    pub(crate) fn host(&self) -> &str {
        self.0.rsplit_once(':').map_or(&self.0, |(host, _)| host)
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let needs = || format!("an address and a port, such as {DEFAULT_ADDRESS}");
        let (host, port) = text.rsplit_once(':').ok_or_else(needs)?;
        let bare_ipv6 = host.contains(':') && !(host.starts_with('[') && host.ends_with(']'));
        if host.is_empty() {
            return Err(needs());
        }
        if bare_ipv6 {
            return Err("an IPv6 address stands in brackets, such as [::1]:4856".to_owned());
        }
        port.parse::<u16>().map_err(|_| format!("a port is a number up to 65535, not {port:?}"))?;
        Ok(Self(text.to_owned()))
    }
}

fn positive(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(0) => Err("with 0 nothing would get through; the least is 1"),
        Ok(number) => Ok(number),
        Err(_) => Err("a whole number from 1 upwards"),
    }
}

/// A frame's header alone reserves as much, so there is an upper limit.
fn message_bytes(text: &str) -> Result<usize, &'static str> {
    const MOST: usize = 64 * 1024 * 1024;
    match positive(text)? {
        1..=MOST => positive(text),
        _ => Err("the most is 67108864 (64 MiB)"),
    }
}

fn duration_or_none(text: &str) -> Result<Duration, String> {
    let is_none = humantime::parse_duration(text).is_ok_and(|duration| duration.is_zero());
    if is_none || text == "0" { Ok(Duration::ZERO) } else { duration(text) }
}

fn duration(text: &str) -> Result<Duration, String> {
    const MOST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
    let duration = humantime::parse_duration(text)
        .map_err(|_| "a number with a unit, such as 500ms, 10s or 5m".to_owned())?;
    if duration.is_zero() {
        return Err("no time at all is too short".to_owned());
    }
    if duration > MOST {
        return Err("the most is 365d".to_owned());
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use clap::builder::Resettable;
    use clap::{CommandFactory, FromArgMatches, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    /// As where no variable is set, whatever the developer's environment says.
    fn parse(line: &[&str]) -> Result<Options, String> {
        let line = ["hullo-server"].iter().chain(line);
        let definition = Line::command().mut_args(|arg| arg.env(Resettable::Reset));
        let matches = definition.try_get_matches_from(line);
        let line = matches.and_then(|matches| Line::from_arg_matches(&matches));
        line.map(|line| line.options).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn refused(line: &[&str], sentence: &str) {
        let error = parse(line).unwrap_err();
        assert!(error.contains(sentence), "{error}");
    }

    #[test]
    fn without_options_the_defaults_hold() {
        let options = parse(&[]).unwrap();
        assert_eq!(options.config, Config::default());
        assert_eq!(options.listen.as_str(), "127.0.0.1:4856");
    }

    #[test]
    fn values_are_read() {
        let options = parse(&["--greeters", "all", "--exit-when-empty", "60s"]).unwrap();
        assert_eq!(options.config.greeters, Greeters::All);
        assert_eq!(options.config.exit_when_empty, Some(Duration::from_secs(60)));
        assert_eq!(parse(&["--greeters", "0"]).unwrap().config.greeters, Greeters::AtMost(0));
        assert_eq!(parse(&["--listen", "[::1]:0"]).unwrap().listen.as_str(), "[::1]:0");
        assert!(parse(&["--log-level", "warn,hullo_server=debug"]).is_ok());
        assert!(parse(&["--max-pushes-per-second", "0"]).is_ok());
        assert_eq!(parse(&["--max-per-ip", "0"]).unwrap().config.max_per_ip, 0);
        assert_eq!(parse(&["--metrics", "off"]).unwrap().config.metrics, MetricsAccess::Off);
        assert_eq!(parse(&["--listen", "[::1]:0"]).unwrap().listen.host(), "[::1]");
        let window = |text| parse(&["--resume-window", text]).unwrap().config.resume_window;
        assert_eq!((window("2m"), window("0s")), (Duration::from_secs(120), Duration::ZERO));
        assert_eq!(window("0"), Duration::ZERO);
        assert_eq!(parse(&["--history", "0"]).unwrap().config.history, 0);
        assert_eq!(parse(&["--log-file", "x"]).unwrap().log_file, Some(PathBuf::from("x")));
    }

    #[test]
    fn what_may_be_said_several_times_may_also_stand_in_one_list() {
        let apart = ["--allow-origin", "https://a.example", "--allow-origin", "http://b:81"];
        let apart = parse(&apart).unwrap().config.allow_origin;
        assert_eq!(apart.len(), 2);
        let list = parse(&["--allow-origin", "https://a.example,http://b:81"]).unwrap();
        assert_eq!(list.config.allow_origin, apart);
        assert_eq!(parse(&["--allow-host", "a,b"]).unwrap().config.allow_host.len(), 2);
    }

    #[test]
    fn metrics_are_for_this_machine_unless_somebody_says_otherwise() {
        let allows = |access: MetricsAccess, peer: &str| access.allows(peer.parse().unwrap());
        for peer in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(allows(Config::default().metrics, peer), "{peer}");
            assert!(!allows(MetricsAccess::Off, peer), "{peer}");
        }
        for peer in ["192.0.2.7", "2001:db8::1"] {
            assert!(!allows(Config::default().metrics, peer), "{peer}");
            assert!(allows(MetricsAccess::All, peer), "{peer}");
        }
    }

    #[test]
    fn without_a_limit_of_pushes_there_is_none_of_bytes_unless_it_is_given() {
        let bytes = |line: &[&str]| parse(line).unwrap().config.push_bytes_per_second();
        assert_eq!(bytes(&[]), 262_144);
        assert_eq!(bytes(&["--max-pushes-per-second", "7"]), 262_144);
        assert_eq!(bytes(&["--max-pushes-per-second", "0"]), 0);
        let given = ["--max-pushes-per-second", "0", "--max-push-bytes-per-second", "9"];
        assert_eq!(bytes(&given), 9);
        assert_eq!(bytes(&["--max-push-bytes-per-second", "0"]), 0);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_sentence() {
        refused(&["--listen", "nowhere"], "an address and a port, such as 127.0.0.1:4856");
        refused(&["--listen", ":4856"], "an address and a port");
        refused(&["--listen", "::1:4856"], "stands in brackets");
        refused(&["--listen", "127.0.0.1:65536"], "a port is a number up to 65535");
        refused(&["--greeters", "some"], "a number, or `all`");
        refused(&["--max-channels", "0"], "the least is 1");
        refused(&["--max-queue-bytes", "-1"], "");
        refused(&["--max-message-bytes", "0"], "the least is 1");
        refused(&["--max-message-bytes", "99999999999"], "64 MiB");
        refused(&["--idle-timeout", "0s"], "no time at all");
        refused(&["--resume-window", "ten"], "such as 500ms, 10s or 5m");
        refused(&["--max-stall", "ten"], "such as 500ms, 10s or 5m");
        for option in ["--exit-when-empty", "--max-stall", "--idle-timeout", "--handshake-timeout"]
        {
            refused(&[option, "584542046090y"], "365d");
        }
        refused(&["--log-format", "xml"], "human, json");
        refused(&["--metrics", "some"], "loopback, all, off");
        refused(&["--max-connections", "0"], "the least is 1");
        refused(&["--max-rooms", "0"], "the least is 1");
        refused(&["--max-members", "0"], "the least is 1");
        refused(&["--max-room-backlog-bytes", "0"], "the least is 1");
        refused(&["--allow-origin", "chat.example.org"], "such as https://chat.example.org");
        refused(&["--allow-origin", "null"], "any page can be made to send");
        refused(&["--allow-host", "http://chat.example.org"], "such as chat.example.org");
    }
}
