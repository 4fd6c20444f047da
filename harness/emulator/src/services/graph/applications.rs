//! Applications: registered with `az ad app create` and `az ad sp create-for-rbac`, given passwords,
//! deleted (recorded in `test_create_for_rbac_password` and `test_keyvault_mgmt`).

use super::filter::Filter;
use super::{CONTEXT, answer, missing, objects, refuse};
use crate::arm;
use crate::context::Context;
use crate::http::{Request, Response};
use crate::identity::{Caller, Principal, PrincipalKind};
use crate::snapshot::Memory;
use ::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a password is good if nobody says otherwise, in seconds: two years.
const PASSWORD_SECONDS: i64 = 2 * 365 * 24 * 3600;

/// Every application, as it is answered.
#[derive(Debug, Default)]
pub(super) struct Applications {
    state: Mutex<State>,
}

#[derive(Debug, Clone, Default)]
struct State {
    live: Vec<Value>,
    deleted: Vec<Value>,
    /// Application id and its latest password.
    secrets: Vec<(String, String)>,
}

type Answer = Result<Response, Box<Response>>;

impl Applications {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where they are kept.
    pub(super) fn memory(&self) -> &dyn Memory {
        &self.state
    }

    /// Those that the filter lets through.
    pub(super) fn list(&self, request: &Request) -> Answer {
        let filter = match request.query("$filter") {
            Some(text) => {
                Filter::parse(text).ok_or_else(|| Box::new(arm::not_emulated(request).into()))?
            }
            None => Filter::everything(),
        };
        let state = self.lock();
        let found: Vec<&Value> = state
            .live
            .iter()
            .filter(|application| filter.holds(&as_principal(application)))
            .collect();
        Ok(answer(
            &json!({ "@odata.context": format!("{CONTEXT}#applications"), "value": found }),
        ))
    }

    /// One, by its object id.
    pub(super) fn get(&self, id: &str) -> Answer {
        let state = self.lock();
        let found = state.live.iter().find(|one| is(one, id));
        found.map(entity).ok_or_else(|| missing(id))
    }

    /// Registers one: 201. The answer has the time in ticks, later ones in seconds.
    pub(super) fn create(&self, cx: &Context, request: &Request, caller: &Caller) -> Answer {
        self.allow(cx, caller)?;
        let sent = request.json().map_err(|error| Box::new(error.into()))?;
        let Some(name) = sent["displayName"].as_str().filter(|name| !name.is_empty()) else {
            return Err(refuse(
                StatusCode::BAD_REQUEST,
                "Request_BadRequest",
                "A value is required for property 'displayName' of resource 'Application'.",
            ));
        };
        let mut application = describe(cx, name);
        for (key, value) in sent.as_object().into_iter().flatten() {
            if application.get(key).is_some() && !value.is_null() {
                application[key] = value.clone();
            }
        }
        let id = application["id"].as_str().unwrap_or_default().to_owned();
        let location = format!(
            "https://graph.microsoft.com/v2/{}/directoryObjects/{id}/\
             Microsoft.DirectoryServices.Application",
            cx.tenant
        );
        self.lock().live.push(application.clone());
        application["createdDateTime"] = json!(arm::seven_digits(cx.clock.now()));
        let mut response = entity(&application).with_header("location", location);
        response.status = StatusCode::CREATED;
        Ok(response)
    }

    /// Changes what is sent: 204.
    pub(super) fn update(&self, request: &Request, id: &str) -> Answer {
        let sent = request.json().map_err(|error| Box::new(error.into()))?;
        let mut state = self.lock();
        let found = state.live.iter_mut().find(|one| is(one, id));
        let application = found.ok_or_else(|| missing(id))?;
        for (key, value) in sent.as_object().into_iter().flatten() {
            application[key] = value.clone();
        }
        Ok(Response::empty(StatusCode::NO_CONTENT))
    }

    /// Deletes one, and its service principal: 204. It can still be deleted for good.
    pub(super) fn delete(&self, cx: &Context, id: &str) -> Answer {
        let mut state = self.lock();
        let at = state.live.iter().position(|one| is(one, id));
        let application = state.live.remove(at.ok_or_else(|| missing(id))?);
        let client = application["appId"].as_str().unwrap_or_default();
        if let Some(principal) = cx.directory.by_client_id(client) {
            cx.directory.remove(&principal.object_id);
        }
        state.deleted.push(application);
        Ok(Response::empty(StatusCode::NO_CONTENT))
    }

    /// Deletes a deleted one for good: 204.
    pub(super) fn purge(&self, id: &str) -> Answer {
        let mut state = self.lock();
        let at = state.deleted.iter().position(|one| is(one, id));
        state.deleted.remove(at.ok_or_else(|| missing(id))?);
        Ok(Response::empty(StatusCode::NO_CONTENT))
    }

    /// Gives a password, the only time that it is told. Its service principal signs in with the
    /// latest one.
    pub(super) fn add_password(&self, cx: &Context, request: &Request, id: &str) -> Answer {
        let sent = request.json().map_err(|error| Box::new(error.into()))?;
        let asked = &sent["passwordCredential"];
        let mut state = self.lock();
        let at = state.live.iter().position(|one| is(one, id));
        let application = &mut state.live[at.ok_or_else(|| missing(id))?];
        let random = [arm::operation_id(), arm::operation_id()].concat();
        let secret = format!("{}~", URL_SAFE_NO_PAD.encode(&random.as_bytes()[..29]));
        let now = cx.clock.now();
        let end = jiff::SignedDuration::from_secs(PASSWORD_SECONDS);
        let or = |key: &str, default: jiff::Timestamp| {
            let sent = asked[key].as_str().map(str::to_owned);
            sent.unwrap_or_else(|| arm::seven_digits(default))
        };
        let mut credential = json!({
            "customKeyIdentifier": null,
            "displayName": asked["displayName"],
            "endDateTime": or("endDateTime", now.checked_add(end).unwrap_or(now)),
            "hint": secret[..3],
            "keyId": arm::operation_id(),
            "secretText": null,
            "startDateTime": or("startDateTime", now),
        });
        if let Some(list) = application["passwordCredentials"].as_array_mut() {
            list.push(credential.clone());
        }
        let client = application["appId"].as_str().unwrap_or_default().to_owned();
        cx.directory
            .update(&client, |principal| principal.secret = Some(secret.clone()));
        state.secrets.retain(|(known, _)| *known != client);
        state.secrets.push((client, secret.clone()));
        credential["secretText"] = json!(secret);
        let mut body = json!({
            "@odata.context": format!("{CONTEXT}#microsoft.graph.passwordCredential"),
        });
        merge(&mut body, credential);
        Ok(answer(&body).with_header("location", "https://graph.microsoft.com"))
    }

    /// Makes an application's service principal: 201.
    pub(super) fn create_principal(
        &self,
        cx: &Context,
        request: &Request,
        caller: &Caller,
    ) -> Answer {
        self.allow(cx, caller)?;
        let sent = request.json().map_err(|error| Box::new(error.into()))?;
        let client = sent["appId"].as_str().unwrap_or_default();
        let state = self.lock();
        let of = |one: &&Value| {
            one["appId"]
                .as_str()
                .is_some_and(|own| own.eq_ignore_ascii_case(client))
        };
        let Some(application) = state.live.iter().find(of) else {
            return Err(refuse(
                StatusCode::BAD_REQUEST,
                "Request_BadRequest",
                &format!(
                    "The appId '{client}' of the service principal does not reference a valid \
                     application object."
                ),
            ));
        };
        if cx.directory.by_client_id(client).is_some() {
            return Err(refuse(
                StatusCode::CONFLICT,
                "Request_MultipleObjectsWithSameKeyValue",
                &format!(
                    "The service principal cannot be created, updated, or restored because the \
                     service principal name {client} is already in use."
                ),
            ));
        }
        let secret = state.secrets.iter().find(|(known, _)| known == client);
        let principal = Principal {
            secret: secret.map(|(_, secret)| secret.clone()),
            object_id: arm::operation_id(),
            ..as_principal(application)
        };
        cx.directory.add(principal.clone());
        let location = format!(
            "https://graph.microsoft.com/v2/{}/directoryObjects/{}/\
             Microsoft.DirectoryServices.ServicePrincipal",
            cx.tenant, principal.object_id
        );
        let mut response =
            super::entity(cx, "servicePrincipals", &principal).with_header("location", location);
        response.status = StatusCode::CREATED;
        Ok(response)
    }

    /// A user of the tenant may register applications; an application may not, having no permission
    /// of Graph's.
    fn allow(&self, cx: &Context, caller: &Caller) -> Result<(), Box<Response>> {
        match cx.directory.by_object_id(&caller.object_id) {
            Some(principal) if principal.kind == PrincipalKind::User => Ok(()),
            _ => Err(refuse(
                StatusCode::FORBIDDEN,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            )),
        }
    }
}

fn is(application: &Value, id: &str) -> bool {
    application["id"]
        .as_str()
        .is_some_and(|own| own.eq_ignore_ascii_case(id))
}

/// The application as filters look at principals.
fn as_principal(application: &Value) -> Principal {
    let text = |key: &str| application[key].as_str().unwrap_or_default().to_owned();
    Principal {
        object_id: text("id"),
        client_id: text("appId"),
        display_name: text("displayName"),
        user_principal_name: None,
        resource_id: None,
        secret: None,
        kind: PrincipalKind::Application,
    }
}

fn entity(application: &Value) -> Response {
    let mut body = json!({ "@odata.context": format!("{CONTEXT}#applications/$entity") });
    merge(&mut body, application.clone());
    answer(&body)
}

fn merge(body: &mut Value, more: Value) {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
}

/// A new application; keys in the order recorded in `test_keyvault_mgmt`.
fn describe(cx: &Context, name: &str) -> Value {
    let domain = cx
        .directory
        .find(|principal| principal.kind == PrincipalKind::User)
        .and_then(|user| user.user_principal_name)
        .and_then(|upn| upn.split_once('@').map(|(_, domain)| domain.to_owned()));
    let mut body = json!({
        "id": arm::operation_id(),
        "deletedDateTime": null,
        "appId": arm::operation_id(),
        "applicationTemplateId": null,
        "disabledByMicrosoftStatus": null,
        "createdDateTime": arm::seconds(cx.clock.now()),
        "displayName": name,
        "description": null,
        "groupMembershipClaims": null,
        "identifierUris": [],
        "isDeviceOnlyAuthSupported": null,
        "isFallbackPublicClient": null,
        "nativeAuthenticationApisEnabled": null,
        "notes": null,
        "publisherDomain": domain,
        "serviceManagementReference": null,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "tokenEncryptionKeyId": null,
        "uniqueName": null,
        "samlMetadataUrl": null,
        "defaultRedirectUri": null,
        "certification": null,
        "optionalClaims": null,
        "servicePrincipalLockConfiguration": null,
        "requestSignatureVerification": null,
        "addIns": [],
    });
    let rest = json!({
        "api": {
            "acceptMappedClaims": null,
            "knownClientApplications": [],
            "requestedAccessTokenVersion": null,
            "oauth2PermissionScopes": [],
            "preAuthorizedApplications": [],
        },
        "appRoles": [],
        "info": objects::info(),
        "keyCredentials": [],
        "parentalControlSettings": { "countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow" },
        "passwordCredentials": [],
        "publicClient": { "redirectUris": [] },
        "requiredResourceAccess": [],
        "verifiedPublisher": objects::verified_publisher(),
        "web": {
            "homePageUrl": null,
            "logoutUrl": null,
            "redirectUris": [],
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": false,
                "enableIdTokenIssuance": false,
            },
            "redirectUriSettings": [],
        },
        "spa": { "redirectUris": [] },
    });
    merge(&mut body, rest);
    body
}
