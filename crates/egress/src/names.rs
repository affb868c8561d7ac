//! Our own resolver: every address of a name, remembered for its TTL.

use crate::config::{Config, SetupError};
use crate::errors;
use crate::limits::{
    NAME_NEGATIVE_TTL_MAX, NAME_SERVER_QUESTIONS_MAX, NAME_SERVER_TIMEOUT, NAME_SERVERS_ALIVE_FOR,
    NAME_TTL_MAX, NAMES_CACHED_MAX,
};
use crate::networks::unmapped;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::Name;
use parking_lot::Mutex;
use quick_cache::sync::Cache;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wigwag_ports::egress::EgressError;

/// Every address of one name, IPv4 first, IPv4-mapped ones unmapped.
pub(crate) struct Resolved {
    pub(crate) addresses: Vec<IpAddr>,
    valid_until: Instant,
}

/// The resolver and what it remembers.
pub(crate) struct Names {
    resolver: TokioResolver,
    cache: Cache<Box<str>, Arc<Resolved>>,
    answered_at: Mutex<Option<Instant>>,
}

impl Names {
    pub(crate) fn new(config: &Config) -> Result<Self, SetupError> {
        let (resolver_config, options) = match &config.name_servers {
            Some(servers) => (from_servers(servers), ResolverOpts::default()),
            None => hickory_resolver::system_conf::read_system_conf().unwrap_or_else(|error| {
                tracing::warn!(%error, "no name server in /etc/resolv.conf; asking 127.0.0.1");
                (from_servers(&[SocketAddr::from((Ipv4Addr::LOCALHOST, 53))]), ResolverOpts::default())
            }),
        };
        let mut builder =
            TokioResolver::builder_with_config(resolver_config, TokioRuntimeProvider::default());
        *builder.options_mut() = limited(options);
        let resolver = builder.build().map_err(|error| SetupError::Resolver(error.to_string()))?;
        Ok(Self { resolver, cache: Cache::new(NAMES_CACHED_MAX), answered_at: Mutex::new(None) })
    }

    /// Every address of `host`. Fails as [`EgressError::NameNotFound`] and the like; `deadline` is for the words only.
    pub(crate) async fn resolve(&self, host: &str, deadline: Duration) -> Result<Arc<Resolved>, EgressError> {
        if let Some(known) = self.cache.get(host)
            && known.valid_until > Instant::now()
        {
            return Ok(known);
        }
        let resolved = Arc::new(self.ask(host, deadline).await?);
        if resolved.valid_until > Instant::now() {
            self.cache.insert(host.into(), Arc::clone(&resolved));
        }
        Ok(resolved)
    }

    /// Asks anew, past every cache: what a careless client does right before it connects.
    #[cfg(feature = "planted-faults")]
    pub(crate) async fn resolve_again(
        &self,
        host: &str,
        deadline: Duration,
    ) -> Result<Arc<Resolved>, EgressError> {
        self.resolver.clear_cache();
        Ok(Arc::new(self.ask(host, deadline).await?))
    }

    async fn ask(&self, host: &str, deadline: Duration) -> Result<Resolved, EgressError> {
        // Names with underscores exist, whatever STD 3 says.
        let Ok(name) = Name::from_str_relaxed(host) else {
            return Err(EgressError::NameNotFound { host: host.to_owned() });
        };
        let lookup = match self.resolver.lookup_ip(name).await {
            Ok(lookup) => lookup,
            Err(error) => return Err(self.failure(host, &error, deadline)),
        };
        self.note_answer();
        let mut addresses: Vec<IpAddr> = lookup.iter().map(unmapped).collect();
        addresses.sort_by_key(IpAddr::is_ipv6);
        if addresses.is_empty() {
            return Err(EgressError::NameNotFound { host: host.to_owned() });
        }
        Ok(Resolved { addresses, valid_until: lookup.valid_until() })
    }

    /// A name that got no answer in time: the owner's fault if the name servers answer others.
    pub(crate) fn silence(&self, deadline: Duration) -> EgressError {
        let alive = self.answered_at.lock().is_some_and(|at| at.elapsed() < NAME_SERVERS_ALIVE_FOR);
        if alive {
            EgressError::TimedOut { phase: crate::progress::Phase::Resolving.name(), deadline }
        } else {
            EgressError::ResolverUnavailable
        }
    }

    fn failure(&self, host: &str, error: &NetError, deadline: Duration) -> EgressError {
        let absent = || EgressError::NameNotFound { host: host.to_owned() };
        match error {
            NetError::Dns(DnsError::NoRecordsFound(_)) => {
                self.note_answer();
                absent()
            }
            // The name server cannot get it from the domain's own servers; one that is broken altogether fails for
            // many hosts at once, which the dispatcher notices.
            NetError::Dns(DnsError::ResponseCode(ResponseCode::NXDomain | ResponseCode::ServFail)) => {
                absent()
            }
            // The name cannot even be asked for.
            NetError::Proto(_) => absent(),
            NetError::Timeout => self.silence(deadline),
            NetError::Io(broken) => errors::exhausted(broken).unwrap_or(EgressError::ResolverUnavailable),
            _ => EgressError::ResolverUnavailable,
        }
    }

    fn note_answer(&self) {
        *self.answered_at.lock() = Some(Instant::now());
    }
}

fn from_servers(servers: &[SocketAddr]) -> ResolverConfig {
    let servers = servers.iter().map(|server| {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = server.port();
            connection
        });
        NameServerConfig::new(server.ip(), true, connections.into())
    });
    ResolverConfig::from_name_servers(servers.collect())
}

fn limited(mut options: ResolverOpts) -> ResolverOpts {
    // Both families are asked for: an address that is not seen cannot be judged.
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    options.timeout = options.timeout.min(NAME_SERVER_TIMEOUT);
    options.max_active_requests = NAME_SERVER_QUESTIONS_MAX;
    options.positive_max_ttl = Some(NAME_TTL_MAX);
    options.negative_max_ttl = Some(NAME_NEGATIVE_TTL_MAX);
    options
}
