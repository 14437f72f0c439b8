//! Texts to plant: secrets that a form gives away, and what only looks like one.
//!
//! All are made here from a fixed sequence and put together from pieces: nothing is real, and scanners read sources, too.

pub(crate) mod files;

use base64::{Engine, engine::general_purpose::STANDARD};

/// A text with the part of it that must not be seen.
#[derive(Clone, Debug)]
pub(crate) struct Plant {
    /// What kind of secret.
    pub(crate) kind: &'static str,
    /// The attribute that it stands under; harmless unless only a telling name gives it away.
    pub(crate) name: &'static str,
    /// All of the text.
    pub(crate) text: String,
    /// What is secret of it.
    pub(crate) secret: String,
}

impl Plant {
    /// The text as a message has it: with its name where only that gives it away.
    pub(crate) fn told(&self) -> String {
        if self.kind.ends_with("under its name") {
            format!("{} = {}", self.name, self.text)
        } else {
            self.text.clone()
        }
    }
}

/// A linear congruential generator, so that every run plants the same.
struct Seed(u64);

impl Seed {
    fn next(&mut self) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default()
    }

    fn of(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.next() % alphabet.len()])).collect()
    }

    /// Letters and digits, with all kinds of them in front.
    fn alnum(&mut self, length: usize) -> String {
        let rest = self.of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", length - 3);
        format!("{rest}a7Q")
    }

    fn hex(&mut self, length: usize) -> String {
        self.of(b"0123456789abcdef", length)
    }

    fn upper(&mut self, length: usize) -> String {
        self.of(b"ABCDEFGHJKLMNPQRSTUVWXYZ234567", length)
    }

    fn uuid(&mut self) -> String {
        let mut part = |length| self.hex(length);
        format!("{}-{}-{}-{}-{}", part(8), part(4), part(4), part(4), part(12))
    }

    fn number(&mut self, below: usize) -> usize {
        self.next() % below
    }

    /// Bytes as base64.
    fn base64(&mut self, length: usize) -> String {
        let bytes: Vec<u8> = (0..length).map(|_| self.next().to_le_bytes()[0]).collect();
        STANDARD.encode(bytes)
    }

    fn password(&mut self) -> String {
        format!("Hunter2-{}", self.alnum(10))
    }
}

fn pem(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// Seven secrets of each of 38 kinds.
pub(crate) fn secrets() -> Vec<Plant> {
    let mut seed = Seed(7);
    (0..7).flat_map(|_| every_kind(&mut seed)).collect()
}

#[allow(clippy::too_many_lines, reason = "a table")]
fn every_kind(seed: &mut Seed) -> Vec<Plant> {
    let mut all = Vec::new();
    let mut plant = |kind, name, text: String, secret: &str| {
        assert!(text.contains(secret), "{kind}");
        all.push(Plant { kind, name, text, secret: secret.to_owned() });
    };
    for (kind, label) in [
        ("RSA key", "RSA PRIVATE KEY"),
        ("OpenSSH key", "OPENSSH PRIVATE KEY"),
        ("PKCS 8 key", "PRIVATE KEY"),
        ("EC key", "EC PRIVATE KEY"),
    ] {
        let body = seed.base64(48);
        plant(kind, "description", pem(label, &body), &body);
    }
    for (kind, prefix, length) in [
        ("GitHub classic token", "ghp_", 36),
        ("GitHub fine-grained token", "github_pat_", 70),
        ("GitLab token", "glpat-", 20),
        ("Slack token", "xoxb-", 44),
        ("Stripe key", "sk_live_", 24),
        ("Google API key", "AIza", 35),
        ("npm token", "npm_", 36),
        ("Vault token", "hvs.", 90),
        ("SendGrid key", "SG.", 66),
        ("OpenAI key", "sk-proj-", 48),
        ("DigitalOcean token", "dop_v1_", 64),
    ] {
        let secret = format!("{prefix}{}", seed.alnum(length));
        plant(kind, "note", format!("made with {secret} by ada"), &secret);
    }
    let (id, key) = (seed.upper(16), format!("{}/{}", seed.alnum(20), seed.alnum(19)));
    let text = format!("[default]\naws_access_key_id = AKIA{id}\naws_secret_access_key = {key}\n");
    plant("AWS credentials", "content", text, &key);
    let key = seed.alnum(40);
    plant("AWS secret key under its name", "secret_access_key", key.clone(), &key);
    let body = seed.base64(48);
    let escaped = pem("PRIVATE KEY", &body).replace('\n', "\\n");
    let text = format!(r#"{{"type":"service_account","private_key_id":"x","private_key":"{escaped}"}}"#);
    plant("GCP service account", "content", text, &body);
    let secret = format!("{}8Q~{}", seed.alnum(3), seed.alnum(34));
    plant("Azure client secret", "value", secret.clone(), &secret);
    let key = seed.base64(64);
    let text = format!("DefaultEndpointsProtocol=https;AccountName=a;AccountKey={key};EndpointSuffix=x");
    plant("Azure storage connection string", "value", text, &key);
    let path = format!("T{}/B{}/{}", seed.upper(8), seed.upper(8), seed.alnum(24));
    plant("Slack webhook", "url", format!("https://hooks.slack.com/services/{path}"), &path);
    let token = format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{}.{}", seed.alnum(20), seed.alnum(43));
    plant("JSON web token", "value", token.clone(), &token);
    let password = seed.password();
    plant("URL with a login", "url", format!("https://ada:{password}@nas.example.net/share"), &password);
    let password = seed.password();
    let text = format!("postgres://app:{password}@db.internal:5432/app?sslmode=require");
    plant("database URL", "endpoint", text, &password);
    let password = seed.password();
    let text = format!("Server=db.internal;Database=shop;User Id=app;Password={password};Encrypt=true");
    plant("ADO connection string", "value", text, &password);
    let password = seed.password();
    plant("password under its name", "admin_password", password.clone(), &password);
    let token = seed.hex(32);
    plant("token under its name", "auth_token", token.clone(), &token);
    let login = STANDARD.encode(format!("ada:{}", seed.password()));
    plant("basic auth header", "value", format!("Authorization: Basic {login}"), &login);
    let token = seed.alnum(40);
    plant("bearer header", "value", format!("curl -H 'Authorization: Bearer {token}' https://x"), &token);
    let token = seed.alnum(40);
    let text = format!("apiVersion: v1\nkind: Config\nusers:\n- name: admin\n  user:\n    token: {token}\n");
    plant("kubeconfig", "content", text, &token);
    let key = STANDARD.encode(pem("RSA PRIVATE KEY", &seed.base64(48)));
    plant("kubeconfig key", "content", format!("users:\n- user:\n    client-key-data: {key}\n"), &key);
    let auth = STANDARD.encode(format!("ada:{}", seed.password()));
    plant("docker login", "content", format!(r#"{{"auths":{{"r.example":{{"auth":"{auth}"}}}}}}"#), &auth);
    let key = seed.base64(32);
    let text = format!("[Interface]\nPrivateKey = {key}\nAddress = 10.0.0.1/24\n");
    plant("WireGuard key", "content", text, &key);
    let hash = format!("$6$rounds=4096${}${}", seed.alnum(16), seed.alnum(86));
    plant("password hash", "value", hash.clone(), &hash);
    let script = STANDARD.encode(format!("#!/bin/sh\nexport DB_PASSWORD={}\n", seed.password()));
    plant("script in base64", "user_data_base64", script.clone(), &script);
    let password = seed.password();
    plant("environment", "content", format!("A=b\nDB_PASSWORD={password}\nC=d\n"), &password);
    let token = format!("{}.atlasv1.{}", seed.alnum(14), seed.alnum(67));
    plant("HCP Terraform token", "value", token.clone(), &token);
    let token = seed.uuid();
    plant("Proxmox token", "value", format!("root@pam!tf={token}"), &token);
    all
}

/// Twenty harmless values of each of 25 kinds, each under a usual name.
pub(crate) fn harmless() -> Vec<(&'static str, String)> {
    let mut seed = Seed(11);
    (0..20).flat_map(|round| every_harmless_kind(&mut seed, round)).collect()
}

fn every_harmless_kind(seed: &mut Seed, round: usize) -> Vec<(&'static str, String)> {
    let word = ["web", "db", "cache", "worker", "edge", "batch", "queue"][round % 7];
    let account = 100_000_000_000 + seed.number(800_000_000);
    let hex = |seed: &mut Seed, length| seed.hex(length);
    vec![
        ("arn", format!("arn:aws:iam::{account}:role/deploy-{word}-{round}")),
        (
            "secret_arn",
            format!("arn:aws:secretsmanager:eu-central-1:{account}:secret:prod/{word}-{}", seed.alnum(6)),
        ),
        ("kms_key_id", format!("arn:aws:kms:eu-central-1:{account}:key/{}", seed.uuid())),
        ("digest", format!("sha256:{}", hex(seed, 64))),
        ("checksum", hex(seed, 64)),
        ("etag", hex(seed, 32)),
        ("commit", hex(seed, 40)),
        ("source_code_hash", seed.base64(32)),
        ("id", seed.uuid()),
        ("public_key", format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{} ada@laptop", seed.alnum(43))),
        ("public_key", format!("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{} ci@{word}", seed.base64(180))),
        ("public_key_pem", pem("PUBLIC KEY", &seed.base64(90)).trim_end().to_owned()),
        ("certificate_pem", pem("CERTIFICATE", &seed.base64(120)).trim_end().to_owned()),
        ("fingerprint", format!("SHA256:{}", seed.base64(32).trim_end_matches('='))),
        ("image_id", format!("ami-0{}", hex(seed, 16))),
        ("subnet_id", format!("subnet-0{}", hex(seed, 16))),
        ("cidr_block", format!("10.{}.{}.0/24", seed.number(255), seed.number(255))),
        ("host", format!("{word}-{round}.eu-central-1.compute.internal.example.net")),
        ("image", format!("registry.example.net:5000/shop/{word}:1.{round}.3@sha256:{}", hex(seed, 64))),
        ("zone_id", format!("Z0{}", seed.upper(19))),
        ("access_key_id", format!("AKIA{}", seed.upper(16))),
        (
            "self_link",
            format!(
                "https://www.googleapis.com/compute/v1/projects/shop-{round}/zones/europe-west3-a/disks/{word}"
            ),
        ),
        (
            "resource_id",
            format!(
                "/subscriptions/{}/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/{word}{round}",
                seed.uuid()
            ),
        ),
        (
            "user_data",
            STANDARD.encode(format!(
                "#!/bin/sh\nhostnamectl set-hostname {word}-{round}\nsystemctl restart nginx\n"
            )),
        ),
        (
            "policy",
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Action":["secretsmanager:GetSecretValue","iam:ChangePassword"],"Resource":"arn:aws:s3:::{word}-{round}/*"}}]}}"#
            ),
        ),
    ]
}
