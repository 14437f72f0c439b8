//! The `.tf` files behind a plan: a directory of its own for each region and its services.

use std::fmt::Write as _;

use super::{
    Fleet,
    instance::region_name,
    kind::{KINDS, Keys, Kind},
};

impl Fleet {
    /// The files, by path.
    pub fn sources(self) -> Vec<(String, String)> {
        let mut root = String::from("variable \"environment\" {\n  default = \"test\"\n}\n");
        let mut files = Vec::new();
        for region in self.regions() {
            let name = region_name(region);
            // Writing to a string cannot fail.
            let _ = write!(
                root,
                "\nmodule \"{name}\" {{\n  source      = \"./{name}\"\n  environment = var.environment\n}}\n"
            );
            files.push((format!("{name}/main.tf"), REGION.to_owned()));
            files.push((format!("{name}/service/main.tf"), KINDS.iter().fold(SERVICE.to_owned(), block)));
        }
        files.push(("main.tf".to_owned(), root));
        files
    }
}

const REGION: &str = r#"variable "environment" {}

variable "services" {
  type    = set(string)
  default = ["svc-00", "svc-01", "svc-02"]
}

module "service" {
  source      = "./service"
  for_each    = var.services
  name        = each.key
  environment = var.environment
}
"#;

const SERVICE: &str = r#"variable "environment" {
  type = string
}

variable "name" {
  type = string
}

locals {
  tags = {
    Name        = var.name
    environment = var.environment
  }
}
"#;

fn block(mut text: String, kind: &Kind) -> String {
    let repetition = match kind.keys {
        Keys::Single => String::new(),
        Keys::Count => format!("  count = {}\n", kind.width()),
        Keys::Each(keys) => format!("  for_each = toset({keys:?})\n"),
    };
    let depends: Vec<String> = kind.refers_to.iter().map(|block| format!("{block}.id")).collect();
    let _ = write!(
        text,
        r#"
resource "{}" "{}" {{
{repetition}  {} = "as configured now"
  name    = "${{var.name}}-{}"
  tags    = merge(local.tags, {{ role = "{}" }})
  depends = [{}]

  lifecycle {{
    ignore_changes = [tags["managed-by"]]
  }}
}}
"#,
        kind.type_name,
        kind.name,
        kind.set,
        kind.name,
        kind.name,
        depends.join(", "),
    );
    text
}
