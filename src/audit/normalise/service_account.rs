//! The ServiceAccount of a Pod, as conversion and the ServiceAccount admission plugin set it.

use admission_cel::json::Json;

use super::draft::Draft;

const AUTOMOUNT: &str = "automountServiceAccountToken";
const PULL_SECRETS: &str = "imagePullSecrets";
/// Where the plugin mounts the API server's token.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// The plugin's volume name ends in five random characters; these stand for them.
const TOKEN_VOLUME: &str = "kube-api-access-xxxxx";
/// The lifetime that the plugin asks for, which the API server extends to a year.
const TOKEN_SECONDS: i64 = 3607;

/// Conversion fills either name of the account's field from the other. Names that disagree stay: the
/// API server would silently let `serviceAccountName` win, a manifest's author wants to know.
pub fn fill_alias(draft: &mut Draft<'_>) {
    let name = draft.text("serviceAccountName");
    let alias = draft.text("serviceAccount");
    let account = if name.is_empty() { alias } else { name };
    if account.is_empty() {
        return;
    }
    for (key, value) in [("serviceAccountName", name), ("serviceAccount", alias)] {
        if value.is_empty() {
            draft.set(key, Json::String(account));
        }
    }
}

/// The default account.
pub fn default_account(draft: &mut Draft<'_>) {
    if draft.text("serviceAccountName").is_empty() {
        draft.set("serviceAccountName", Json::String("default"));
        draft.set("serviceAccount", Json::String("default"));
    }
}

/// What the account of a Pod gives it: its secrets for images to a Pod that names none, and the
/// token of the API server unless the Pod, or else the account, refuses it. Of an account that is
/// not known, only the token is.
pub fn admit<'a>(draft: &mut Draft<'a>, account: Option<&'a Json<'a>>) {
    let of_account = |key: &str| account.and_then(|account| account.get(key)).copied();
    let refused = draft
        .get(AUTOMOUNT)
        .or_else(|| of_account(AUTOMOUNT).filter(|flag| !flag.is_null()))
        .and_then(|flag| flag.as_bool())
        == Some(false);
    if !refused {
        mount_token(draft);
    }
    let secrets = of_account(PULL_SECRETS).and_then(|secrets| secrets.as_array());
    let present = draft.get(PULL_SECRETS);
    let has_own = present.is_some_and(|own| own.as_array().is_some_and(|own| !own.is_empty()));
    if let (false, Some(secrets @ [_, ..])) = (has_own, secrets) {
        let secrets = draft.array(secrets);
        draft.set(PULL_SECRETS, secrets);
    }
}

fn mount_token(draft: &mut Draft<'_>) {
    let mut mounted = false;
    for list in ["initContainers", "containers"] {
        let Some(containers) = draft.get(list).and_then(|list| list.as_array()) else {
            continue;
        };
        let containers: Vec<Json<'_>> = containers
            .iter()
            .map(|container| match with_mount(*container, draft) {
                Some(container) => {
                    mounted = true;
                    container
                }
                None => *container,
            })
            .collect();
        let containers = draft.array(&containers);
        draft.set(list, containers);
    }
    if mounted {
        let volumes = draft
            .get("volumes")
            .and_then(|volumes| volumes.as_array())
            .unwrap_or(&[]);
        let mut volumes = volumes.to_vec();
        volumes.push(token_volume(draft));
        let volumes = draft.array(&volumes);
        draft.set("volumes", volumes);
    }
}

fn with_mount<'a>(container: Json<'a>, spec: &Draft<'a>) -> Option<Json<'a>> {
    let mut container = Draft::new(container.as_object()?, spec.arena);
    let mounts = container
        .get("volumeMounts")
        .and_then(|mounts| mounts.as_array())
        .unwrap_or(&[]);
    let is_token =
        |mount: &Json<'_>| mount.get("mountPath").and_then(Json::as_str) == Some(TOKEN_PATH);
    if mounts.iter().any(is_token) {
        return None;
    }
    let mut mounts = mounts.to_vec();
    mounts.push(spec.object([
        ("name", Json::String(TOKEN_VOLUME)),
        ("readOnly", Json::Bool(true)),
        ("mountPath", Json::String(TOKEN_PATH)),
    ]));
    let mounts = container.array(&mounts);
    container.set("volumeMounts", mounts);
    container.finish()
}

fn token_volume<'a>(draft: &Draft<'a>) -> Json<'a> {
    let item =
        |key: &'a str| draft.object([("key", Json::String(key)), ("path", Json::String(key))]);
    let token = draft.object([
        ("expirationSeconds", Json::Int(TOKEN_SECONDS)),
        ("path", Json::String("token")),
    ]);
    let certificate = draft.object([
        ("name", Json::String("kube-root-ca.crt")),
        ("items", draft.array(&[item("ca.crt")])),
    ]);
    let field = draft.object([
        ("apiVersion", Json::String("v1")),
        ("fieldPath", Json::String("metadata.namespace")),
    ]);
    let namespace = draft.object([("path", Json::String("namespace")), ("fieldRef", field)]);
    let fields = draft.object([("items", draft.array(&[namespace]))]);
    let sources = [
        draft.object([("serviceAccountToken", token)]),
        draft.object([("configMap", certificate)]),
        draft.object([("downwardAPI", fields)]),
    ];
    let projected = draft.object([
        ("sources", draft.array(&sources)),
        ("defaultMode", Json::Int(0o644)),
    ]);
    draft.object([
        ("name", Json::String(TOKEN_VOLUME)),
        ("projected", projected),
    ])
}
