//! The emulator as its users see it: [`Emulator`].

use crate::arm::settled;
use crate::clock::Clock;
use crate::context::Context;
use crate::faults::{FaultInjector, Faults};
use crate::http::{Origin, Request, Response};
use crate::identity::{
    Access, Directory, EndpointSecrets, Principal, PrincipalKind, RoleAssignment, Tokens, Trusted,
    roles,
};
use crate::server::{self, Authority, RequestLog, Who};
use crate::service::Service;
use crate::snapshot::Snapshot;
use crate::store::Resources;
use crate::workload::Workloads;
use crate::{arm, services};
use ::http::StatusCode;
use bytes::Bytes;
use std::sync::{Arc, OnceLock, Weak};

pub use crate::server::{Clients, Exchange, Network, Serving};

/// The client id of the Azure CLI: the same everywhere, published by Microsoft.
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// How an emulator begins.
#[derive(Debug, Clone)]
pub struct Config {
    /// The sign-in name of the one user, who owns the subscription.
    pub user_principal_name: String,
    /// Roles that the user has on the subscription beside Owner, by name.
    pub reader_roles: Vec<String>,
    /// The emulator's time.
    pub clock: Arc<Clock>,
    /// How long a long-running operation takes, in seconds; 0 lets it end at the first poll.
    pub operation_seconds: u64,
    /// Faults, and how long changes take until they hold; none by default.
    pub faults: Faults,
    /// Whether operations that take no time have ended in the answer that begins them, so that no
    /// client sleeps before it looks. Off, the first answer is the one that Azure gives.
    pub settle: bool,
    /// Whether `http://localhost/docproof` tells of the emulator and `POST /docproof/reset` lets it
    /// forget. Off where what runs may not know that it is an emulator.
    pub control: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            user_principal_name: "reader@contoso.onmicrosoft.com".to_owned(),
            reader_roles: Vec::new(),
            clock: Arc::new(Clock::default()),
            operation_seconds: 0,
            faults: Faults::default(),
            settle: false,
            control: false,
        }
    }
}

/// Why an emulator could not start or serve.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Keys or certificates could not be made.
    #[error("certificate could not be made: {0}")]
    Certificate(String),
    /// The user shall have a role that the emulator does not know.
    #[error("the emulator does not know the role '{0}'")]
    UnknownRole(String),
    /// A socket could not be taken over.
    #[error("socket could not be served: {0}")]
    Socket(#[source] std::io::Error),
    /// Serving needs a tokio runtime.
    #[error("there is no tokio runtime to serve on")]
    NoRuntime,
}

/// An Azure of its own: one tenant, one subscription, one user; forgotten with its last clone.
#[derive(Clone)]
pub struct Emulator {
    inner: Arc<Inner>,
}

/// An emulator that is not kept alive.
#[derive(Clone)]
pub(crate) struct WeakEmulator {
    inner: Weak<Inner>,
}

/// Every service, in the order they are asked.
pub(crate) type Services = Arc<Vec<Box<dyn Service>>>;

struct Inner {
    context: Context,
    services: Services,
    /// What [`Emulator::reset`] goes back to.
    beginning: OnceLock<Snapshot>,
    control: bool,
    settle: bool,
    authority: Arc<Authority>,
    tls: tokio_rustls::TlsAcceptor,
    log: RequestLog,
}

impl Emulator {
    /// Starts an emulator. Nothing listens yet: see [`Emulator::serve`].
    ///
    /// # Errors
    /// [`StartError::Certificate`] if this machine cannot make keys.
    pub fn start(config: Config, workloads: Arc<dyn Workloads>) -> Result<Self, StartError> {
        let authority = Arc::new(Authority::new()?);
        let control = config.control;
        let settle = config.settle && config.operation_seconds == 0;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| StartError::Certificate(error.to_string()))?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&authority) as Arc<_>);
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let emulator = Self {
            inner: Arc::new(Inner {
                context: context(config, workloads)?,
                services: Arc::new(services::all()),
                beginning: OnceLock::new(),
                control,
                settle,
                authority,
                tls: tokio_rustls::TlsAcceptor::from(Arc::new(tls)),
                log: RequestLog::default(),
            }),
        };
        // The cells are new, so setting them cannot fail.
        let _ = emulator.inner.context.emulator.set(emulator.downgrade());
        let _ = emulator.inner.beginning.set(emulator.snapshot());
        Ok(emulator)
    }

    /// The certificate that clients must trust, as PEM.
    pub fn certificate_authority_pem(&self) -> String {
        self.inner.authority.pem().to_owned()
    }

    /// The emulator's time.
    pub fn clock(&self) -> Arc<Clock> {
        Arc::clone(&self.inner.context.clock)
    }

    /// The tenant's id.
    pub fn tenant_id(&self) -> &str {
        &self.inner.context.tenant
    }

    /// The subscription's id.
    pub fn subscription_id(&self) -> &str {
        &self.inner.context.subscription
    }

    /// Serves a network whose clients are `origin`, until the answer is dropped.
    ///
    /// # Errors
    /// [`StartError::NoRuntime`] outside of a tokio runtime; [`StartError::Socket`] if a socket
    /// cannot be taken over.
    pub fn serve(&self, network: Network, origin: Origin) -> Result<Serving, StartError> {
        server::serve(self, network, &Who::Always(origin))
    }

    /// Serves a network that many clients share, told apart by their addresses.
    ///
    /// # Errors
    /// As [`Emulator::serve`].
    pub fn serve_by_address(
        &self,
        network: Network,
        clients: Arc<Clients>,
    ) -> Result<Serving, StartError> {
        server::serve(self, network, &Who::ByAddress(clients))
    }

    /// Answers a request as if it had come in by a network whose clients are `origin`; the `Host`
    /// header or the URL names the service. There is no connection, so there are no websockets.
    pub async fn send(
        &self,
        origin: &Origin,
        request: http::Request<Bytes>,
    ) -> http::Response<Bytes> {
        let tls = request.uri().scheme_str() != Some("http");
        let answer = server::exchange(self, origin, tls, request, None).await;
        let mut response = http::Response::new(answer.body);
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response
    }

    /// A place in the log of requests, for [`Emulator::requests_since`].
    pub fn mark(&self) -> usize {
        self.inner.log.mark()
    }

    /// The requests answered since a mark.
    pub fn requests_since(&self, mark: usize) -> Vec<Exchange> {
        self.inner.log.since(mark)
    }

    /// Adds an application that signs in with a secret, as `az ad sp create-for-rbac` would, and
    /// gives it back. It has no role yet.
    pub fn add_application(&self, display_name: &str, secret: &str) -> Principal {
        let principal = Principal {
            object_id: arm::operation_id(),
            client_id: arm::operation_id(),
            display_name: display_name.to_owned(),
            user_principal_name: None,
            resource_id: None,
            secret: Some(secret.to_owned()),
            kind: PrincipalKind::Application,
        };
        self.inner.context.directory.add(principal.clone());
        principal
    }

    /// Lets an application sign in with tokens that another issuer gives to this subject, as a
    /// federated credential does. Their signature is not verified: the issuer is not reached from here.
    pub fn trust(&self, application: &Principal, issuer: &str, subject: &str) {
        let trusted = Trusted::Issuer {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        };
        let directory = &self.inner.context.directory;
        directory.trust(&application.client_id, trusted);
    }

    /// Lets an application sign in with this certificate, a PEM.
    pub fn certify(&self, application: &Principal, certificate: &str) {
        let trusted = Trusted::Certificate {
            pem: certificate.to_owned(),
        };
        let directory = &self.inner.context.directory;
        directory.trust(&application.client_id, trusted);
    }

    /// The requests answered since a mark, once there are any.
    pub async fn next_requests(&self, mark: usize) -> Vec<Exchange> {
        self.inner.log.next(mark).await
    }

    /// Forgets everything that was made since the start: resources, secrets, applications, role
    /// assignments, and what runs. Tenant, subscription, user, certificates and tokens stay, so
    /// clients stay signed in.
    pub fn reset(&self) {
        if let Some(beginning) = self.inner.beginning.get() {
            // Nothing ran then, so nothing of it can have ended since.
            let _ = self.restore(beginning);
        }
    }

    /// Whether clients may ask the emulator about itself (see [`Config::control`]).
    pub(crate) fn control(&self) -> bool {
        self.inner.control
    }

    /// Ends every workload. Their sockets hold on to the emulator, so without this an emulator with
    /// a running container would outlive its last handle.
    pub fn shutdown(&self) {
        for service in self.services().iter() {
            service.shut_down();
        }
    }

    pub(crate) fn downgrade(&self) -> WeakEmulator {
        WeakEmulator {
            inner: Arc::downgrade(&self.inner),
        }
    }

    pub(crate) fn tls(&self) -> &tokio_rustls::TlsAcceptor {
        &self.inner.tls
    }

    pub(crate) fn log(&self) -> &RequestLog {
        &self.inner.log
    }

    /// The answer of the faults, if it comes to that.
    pub(crate) fn fault(&self, request: &Request) -> Option<(&'static str, Response)> {
        self.inner.context.faults.fault(request)
    }

    pub(crate) fn context(&self) -> &Context {
        &self.inner.context
    }

    /// Every service, in the order they are asked.
    pub(crate) fn services(&self) -> Services {
        Arc::clone(&self.inner.services)
    }

    /// The answer to a request.
    pub(crate) async fn answer(&self, request: &Request) -> Response {
        let first = self.ask(request).await;
        if !self.inner.settle {
            return first;
        }
        let Some(begun) = settled::begun(request, &first) else {
            return first;
        };
        if let Some(status) = &begun.status
            && !settled::has_succeeded(&self.ask(status).await)
        {
            return first;
        }
        let last = match &begun.last {
            Some(last) => self.ask(last).await,
            None => Response::empty(StatusCode::OK),
        };
        settled::settled(&first, last).unwrap_or(first)
    }

    /// The answer of the service that owns the request.
    async fn ask(&self, request: &Request) -> Response {
        let services = self.services();
        match services.iter().find(|service| service.owns(request)) {
            Some(service) => service.answer(&self.inner.context, request).await,
            None => arm::not_emulated(request).into(),
        }
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("tenant", &self.inner.context.tenant)
            .finish_non_exhaustive()
    }
}

impl WeakEmulator {
    /// The emulator, unless it has ended.
    pub(crate) fn upgrade(&self) -> Option<Emulator> {
        self.inner.upgrade().map(|inner| Emulator { inner })
    }
}

/// A tenant with one user, who owns the one subscription.
fn context(config: Config, workloads: Arc<dyn Workloads>) -> Result<Context, StartError> {
    let (tenant, subscription) = (arm::operation_id(), arm::operation_id());
    let faults = Arc::new(FaultInjector::new(config.faults, Arc::clone(&config.clock)));
    let directory = Arc::new(Directory::with_clock(
        Arc::clone(&config.clock),
        Arc::clone(&faults),
    ));
    let upn = config.user_principal_name;
    let user = Principal {
        object_id: arm::operation_id(),
        client_id: AZURE_CLI.to_owned(),
        display_name: upn.split('@').next().unwrap_or_default().to_owned(),
        user_principal_name: Some(upn),
        resource_id: None,
        secret: None,
        kind: PrincipalKind::User,
    };
    let scope = format!("/subscriptions/{subscription}");
    let access = Access::with_clock(Arc::clone(&config.clock));
    for name in std::iter::once("Owner").chain(config.reader_roles.iter().map(String::as_str)) {
        let role = roles::by_name(name).ok_or_else(|| StartError::UnknownRole(name.to_owned()))?;
        access.assign(RoleAssignment {
            id: format!(
                "{scope}/providers/Microsoft.Authorization/roleAssignments/{}",
                arm::operation_id()
            ),
            role_definition_id: format!(
                "{scope}/providers/Microsoft.Authorization/roleDefinitions/{}",
                role.id
            ),
            scope: scope.clone(),
            principal_id: user.object_id.clone(),
            principal_type: "User".to_owned(),
            description: None,
            condition: None,
            condition_version: None,
            created_on: arm::seven_digits(config.clock.now()),
            created_by: user.object_id.clone(),
            holds_from: config.clock.now(),
        });
    }
    directory.add(user);
    directory.reached_everywhere();
    Ok(Context {
        tokens: Tokens::new(&tenant, Arc::clone(&config.clock), Arc::clone(&directory)),
        tenant,
        subscription,
        clock: config.clock,
        resources: Resources::default(),
        directory,
        access,
        endpoint_secrets: EndpointSecrets::default(),
        workloads,
        operation_seconds: config.operation_seconds,
        faults,
        emulator: OnceLock::new(),
    })
}
