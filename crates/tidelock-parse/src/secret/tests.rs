use super::find;

/// What is cut out of a text, in order.
fn cut(text: &str) -> Vec<&str> {
    find(text).into_iter().map(|range| text.get(range).expect("a char boundary")).collect()
}

/// Put together at run time, so that scanners of repositories do not take the cases for leaks.
fn token(prefix: &str, length: usize) -> String {
    let alphabet = "a1B2c3D4e5F6g7H8i9J0";
    format!("{prefix}{}", alphabet.chars().cycle().take(length).collect::<String>())
}

#[test]
fn tokens_with_a_known_prefix_are_secret_in_any_text() {
    for (prefix, length) in [
        ("ghp_", 36),
        ("gho_", 36),
        ("ghs_", 36),
        ("github_pat_", 60),
        ("glpat-", 20),
        ("glrt-", 20),
        ("xoxb-", 40),
        ("xapp-", 40),
        ("sk_live_", 24),
        ("rk_test_", 24),
        ("whsec_", 32),
        ("AIza", 35),
        ("dop_v1_", 64),
        ("tskey-auth-", 30),
        ("npm_", 36),
        ("pypi-", 80),
        ("sk-proj-", 48),
        ("sk-ant-api03-", 80),
        ("hvs.", 24),
        ("hvb.", 100),
        ("SG.", 60),
        ("AGE-SECRET-KEY-1", 58),
        ("glsa_", 40),
        ("hf_", 34),
        ("ya29.", 60),
        ("GOCSPX-", 28),
        ("dckr_pat_", 27),
        ("shpat_", 32),
    ] {
        let secret = token(prefix, length);
        assert_eq!(cut(&secret), [&secret], "alone");
        assert_eq!(cut(&format!("run --with={secret} now")), [&secret], "in a text");
        assert_eq!(cut(&format!("\"{secret}\"")), [&secret], "quoted");
        assert!(cut(&format!("no{secret}")).is_empty(), "inside a word");
        assert!(cut(&secret[..prefix.len() + 5]).is_empty(), "too short: {prefix}");
    }
}

#[test]
fn private_keys_are_cut_from_begin_to_end() {
    for label in
        ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "EC PRIVATE KEY"]
    {
        let key = format!("-----BEGIN {label}-----\nMIIB\n-----END {label}-----");
        assert_eq!(cut(&format!("before\n{key}\nafter")), [&key]);
        let escaped = key.replace('\n', "\\n");
        assert_eq!(cut(&format!("{{\"pem\":\"{escaped}\"}}")), [&escaped]);
        assert_eq!(cut(&key[..40]), [&key[..40]], "cut off");
    }
}

#[test]
fn private_keys_in_base64_are_secret_and_certificates_are_not() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let key = STANDARD
        .encode("-----BEGIN RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34GkxFhD9\n-----END RSA PRIVATE KEY-----\n");
    assert_eq!(cut(&format!("client-key-data: {key}\n")), [&key]);
    let certificate =
        STANDARD.encode("-----BEGIN CERTIFICATE-----\nMIIBOgIBAAJBAKj34GkxFhD9\n-----END CERTIFICATE-----\n");
    assert!(cut(&format!("client-certificate-data: {certificate}\n")).is_empty());
    let script = STANDARD.encode("#!/bin/sh\nexport DB_PASSWORD=hunter2\n");
    assert_eq!(cut(&script), [&script], "a script in base64 that holds a secret");
    assert_eq!(cut(&format!("cannot run {script}: no such file")), [&script], "the same inside a text");
    assert!(cut(&STANDARD.encode("#!/bin/sh\necho hello to everybody\n")).is_empty());
}

#[test]
fn web_tokens_are_secret() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    assert_eq!(cut(token), [token]);
    assert_eq!(cut(&format!("x={token};")), [token]);
    assert!(cut("eyJhbGciOiJIUzI1NiJ9").is_empty());
    assert!(cut("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0").is_empty());
}

#[test]
fn only_the_password_of_a_url_is_cut() {
    for (text, secret) in [
        ("postgres://app:hunter2@db:5432/app?sslmode=require", "hunter2"),
        ("redis://:s3cr3t@cache:6379", "s3cr3t"),
        ("https://user:p%40ss@example.com/x", "p%40ss"),
        ("mongodb+srv://u:a@b@host1,host2/db", "a@b"),
        ("see amqp://guest:geheim€@mq and more", "geheim€"),
    ] {
        assert_eq!(cut(text), [secret]);
    }
    for text in [
        "https://example.com/a:b@c",
        "ssh://git@example.com/x.git",
        "https://user:@example.com",
        "postgres://app:${var.password}@db/app",
        "docker://alpine:3.18@sha256:abc",
        "http://a?x=y:z@w",
    ] {
        assert!(cut(text).is_empty(), "{text}");
    }
    assert_eq!(
        cut("https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnop"),
        ["T00000000/B00000000/abcdefghijklmnop"]
    );
}

#[test]
fn values_behind_password_like_keys_are_cut_and_the_keys_stay() {
    for (text, secrets) in [
        (r#"{"user":"ada","password":"hunter2"}"#, &["hunter2"][..]),
        (r#"{"password": "with \" quote", "x": 1}"#, &[r#"with \" quote"#]),
        (r#"{"env":"{\"DB_PASSWORD\":\"hunter2\",\"A\":\"b\"}"}"#, &["hunter2"]),
        (r#"{"pin":1,"password":123456,"x":2}"#, &["123456"]),
        (r#"[{"name":"DB_PASSWORD","value":"hunter2"},{"name":"A","value":"b"}]"#, &["hunter2"]),
        ("env:\n- name: DB_PASSWORD\n  value: hunter2\n- name: A\n  value: b\n", &["hunter2"]),
        ("export DB_PASSWORD=hunter2\nexport A=b", &["hunter2"]),
        ("db_password = \"hunter2\"\n", &["hunter2"]),
        ("PASSWORD='it is long'; x", &["it is long"]),
        ("users:\n  - name: ada\n    passwd: hunter 2\n    lock_passwd: false\n", &["hunter 2"]),
        ("password: |\n  hunter2\n  more\nnext: x", &["hunter2\n  more"]),
        ("  password: hunter2  \r\nuser: x", &["hunter2"]),
        ("{password: hunter2, user: x}", &["hunter2"]),
        ("Server=db;User Id=sa;Password=hunter2;Encrypt=true", &["hunter2"]),
        ("AccountName=a;AccountKey=YWJjZA==;EndpointSuffix=x", &["YWJjZA=="]),
        ("Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=abc+/=", &["abc+/="]),
        ("curl -H \"Authorization: Bearer abc\" x", &["abc"]),
        ("Authorization: Basic YWRhOmh1bnRlcjI=", &["YWRhOmh1bnRlcjI="]),
        ("call with bearer abcdefghijklmnop0123 please", &["abcdefghijklmnop0123"]),
        ("mysql --password=hunter2 --user=ada", &["hunter2"]),
        ("mysql --password hunter2 --user ada", &["hunter2"]),
        ("kubeadm join --token abcdef.0123456789abcdef --x", &["abcdef.0123456789abcdef"]),
        ("<user>ada</user><password>hunter2</password>", &["hunter2"]),
        ("https://x.example/?access_token=hunter2&y=1", &["hunter2"]),
        ("[Interface]\nPrivateKey = aGVsbG8=\nAddress = 10.0.0.1/24", &["aGVsbG8="]),
        ("{:password => \"hunter2\"}", &["hunter2"]),
        ("initial password: hunter2 (change it)", &["hunter2"]),
        ("echo \"root:hunter2\" | chpasswd", &["hunter2"]),
        (
            "chpasswd:\n  list: |\n    root:hunter2\n    ada:geheim\n  expire: false\n",
            &["hunter2\n    ada:geheim"],
        ),
        ("root@pam!tf=01234567-89ab-cdef-0123-456789abcdef", &["01234567-89ab-cdef-0123-456789abcdef"]),
        (
            "aws_access_key_id=AKIAIOSFODNN7EXAMPLE\nx=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n",
            &["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
        ),
        ("PASSWORD=two words & more", &["two words & more"]),
        (r#"["A=b","PASSWORD=two words","C=d"]"#, &["two words"]),
        (r#"{"auths":{"r":{"auth":"YWRhOmh1bnRlcjJodW50ZXIy"}}}"#, &["YWRhOmh1bnRlcjJodW50ZXIy"]),
        ("curl -s -u ada:hunter2 https://x", &["hunter2"]),
        ("curl --user \"ada:hunter 2\" https://x", &["hunter"]),
        ("sshpass -p 'hunter 2' ssh x", &["hunter 2"]),
        ("CREATE USER ada IDENTIFIED BY 'hunter2';", &["hunter2"]),
        ("New-User -Password 'hunter2' -Name x", &["hunter2"]),
        ("$env:DB_PASSWORD = \"hunter2\"", &["hunter2"]),
        ("services:\n  environment:\n    - POSTGRES_PASSWORD=hunter2\n    - A=b\n", &["hunter2"]),
        ("https://x.s3.amazonaws.com/k?X-Amz-Signature=0123456789abcdef0123&y=1", &["0123456789abcdef0123"]),
        ("aws_secret_access_key = short", &["short"]),
        (
            "root:$6$rounds=4096$saltsalt$abcdefghijklmnopqrstuvwxyz012345:1:0",
            &["$6$rounds=4096$saltsalt$abcdefghijklmnopqrstuvwxyz012345"],
        ),
        (
            "$2b$12$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.",
            &["$2b$12$abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ."],
        ),
    ] {
        assert_eq!(cut(text), secrets, "{text}");
    }
}

#[test]
fn what_is_not_secret_by_form_is_shown() {
    for text in [
        "",
        "hello",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBnvAbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcd ada@laptop",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 password@host",
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
        "arn:aws:iam::123456789012:role/deploy",
        "ami-0abcdef1234567890",
        "01234567-89ab-cdef-0123-456789abcdef",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
        "AKIAIOSFODNN7EXAMPLE",
        "access_key = AKIAIOSFODNN7EXAMPLE",
        r#"{"Action":["iam:ChangePassword","iam:CreateAccessKey","secretsmanager:GetSecretValue"]}"#,
        r#"{"secret_name":"db","secret_arn":"arn:aws:x","token_type":"bearer","password_policy":"strict"}"#,
        r#"{"password":null,"manage_password":true,"token":"","secret":"tls-cert"}"#,
        "password = var.db_password",
        "password: ${db_password}",
        "PASSWORD=$DB_PASSWORD",
        "PASSWORD=\"$DB_PASSWORD\"",
        "password: {{ .Values.password }}",
        "password=********",
        "password: (sensitive value)",
        "password_file=/run/secrets/db",
        "token: /run/secrets/token-0123456789abcdef",
        "secretKeyRef:\n  name: db\n  key: password\n",
        "cat /etc/passwd: permission denied",
        "secretName: tls-2024",
        "if password == other",
        "Bearer authentication",
        "$1 $2 $6",
        "https://example.com/reset?next=/password",
        "eyJhbGciOiJIUzI1NiJ9",
        "c2hvcnQ=",
        "lock_passwd: false",
        "docker run -u 1000:1000 x",
        "curl -u $USER:$PASS https://x",
        "curl https://example.com/a:b",
        "auth: true",
    ] {
        assert!(cut(text).is_empty(), "{text}: {:?}", cut(text));
    }
}

#[test]
fn ranges_are_sorted_disjoint_and_on_char_boundaries() {
    let parts = [
        "password=",
        "é",
        "\"",
        "\\",
        "\\\"",
        "://",
        "@",
        ":",
        "eyJ",
        ".",
        "$6$",
        "€",
        "-----BEGIN ",
        "PRIVATE KEY-----",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "\n",
        " ",
        "sk-",
        "0123456789abcdefABCDEF",
        "name",
        "value",
        "chpasswd",
        "list:",
        "|",
        "<",
        ">",
        "--token ",
        "Authorization: ",
        ".atlasv1.",
        "'",
        "!a=",
    ];
    // A small linear congruential generator: every run tries the same texts.
    let mut state = 1_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(parts[usize::try_from(state >> 33).unwrap() % parts.len()]);
        }
        let mut last = 0;
        for range in find(&text) {
            assert!(range.start >= last && range.start < range.end, "{text:?}");
            assert!(text.get(range.clone()).is_some(), "{text:?}");
            last = range.end;
        }
    }
}

#[test]
fn hostile_text_takes_linear_time() {
    for part in [
        "eyJ-",
        "eyJa.eyJ",
        "sk-",
        "password=\"${",
        "password='",
        "password=\\\"${",
        "://a:b",
        "://",
        "$6$aaaa",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "=",
        "\\",
        "\\\"",
        "AKIAIOSFODNN7EXAMPLE ",
        "name=password,",
        "chpasswd:",
        "chpasswd",
        "a",
        "-",
        ".",
        "\"password\":\"",
        "password: |\n",
        "LS0tLS1CRUdJTi",
        "QUJDREVGR0hJSktMTU5P/",
        ".atlasv1.",
        "password:\\n",
        "bearer a1",
        "password: a",
        "token=",
        "token=a1",
        "password=${",
        "token=\\\"a1b2c3d4e5f6g7h8 ",
        "curl -u ",
        "curl -u a:",
        "sshpass -p ",
        "identified by '",
        "chpasswd: list: |\na:b",
        "ghp_",
        "<password>",
        "--token ",
    ] {
        let text = part.repeat((1 << 17) / part.len());
        let start = std::time::Instant::now();
        let found = find(&text).len();
        // Debug builds included; a quadratic scan takes minutes.
        assert!(start.elapsed().as_secs() < 5, "{part:?} took {:?} ({found})", start.elapsed());
    }
}
