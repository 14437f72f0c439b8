//! Amazon Resource Names, and what they say about resource types.

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
///
/// Source: "Identify AWS resources with Amazon Resource Names" in the IAM user guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) service: &'a str,
    /// Empty for what is global, and for buckets.
    pub(crate) region: &'a str,
    /// Kind and name, joined by `/` or `:`, or the name alone.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads one; `None` if it is something else, or holds what no name holds.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return None;
        }
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" || parts.next()?.is_empty() {
            return None;
        }
        let (service, region, _account) = (parts.next()?, parts.next()?, parts.next()?);
        let resource = parts.next().filter(|resource| !resource.is_empty())?;
        (!service.is_empty()).then_some(Self { service, region, resource })
    }
}

/// How the import id of a type follows from its ARN.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Import {
    /// It is the ARN.
    Whole,
    /// It is what stands after the kind.
    Rest,
    /// It is what stands after the last `/`: roles and users have a path.
    Last,
}

/// A resource type that an ARN tells.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) type_name: &'static str,
    service: &'static str,
    /// What the resource part begins with.
    kind: &'static str,
    import: Import,
}

impl Known {
    const fn new(type_name: &'static str, service: &'static str, kind: &'static str, import: Import) -> Self {
        Self { type_name, service, kind, import }
    }

    /// The name behind the kind, if the ARN is one of this type.
    fn name<'a>(&self, arn: Arn<'a>) -> Option<&'a str> {
        let name = arn.resource.strip_prefix(self.kind).filter(|_| arn.service == self.service)?;
        // Without a word for the kind, a further part means that it is another kind.
        let is_plain = !self.kind.is_empty() || !name.contains([':', '/']);
        (is_plain && !name.is_empty()).then_some(name)
    }

    /// What `import` wants to hear.
    pub(crate) fn import_id(&self, text: &str) -> Option<String> {
        let name = self.name(Arn::parse(text)?)?;
        let id = match self.import {
            Import::Whole => text,
            Import::Rest => name,
            Import::Last => name.rsplit('/').next()?,
        };
        Some(id.to_owned())
    }
}

/// Source: the section "Import" of each type's page in the provider's documentation, and the service authorization reference
/// for the form of the ARNs.
static KNOWN: &[Known] = &[
    Known::new("aws_acm_certificate", "acm", "certificate/", Import::Whole),
    Known::new("aws_cloudfront_distribution", "cloudfront", "distribution/", Import::Rest),
    Known::new("aws_cloudwatch_log_group", "logs", "log-group:", Import::Rest),
    Known::new("aws_db_instance", "rds", "db:", Import::Rest),
    Known::new("aws_dynamodb_table", "dynamodb", "table/", Import::Rest),
    Known::new("aws_ebs_volume", "ec2", "volume/", Import::Rest),
    Known::new("aws_ecr_repository", "ecr", "repository/", Import::Rest),
    Known::new("aws_ecs_cluster", "ecs", "cluster/", Import::Rest),
    Known::new("aws_efs_file_system", "elasticfilesystem", "file-system/", Import::Rest),
    Known::new("aws_eip", "ec2", "elastic-ip/", Import::Rest),
    Known::new("aws_eks_cluster", "eks", "cluster/", Import::Rest),
    Known::new("aws_elasticache_cluster", "elasticache", "cluster:", Import::Rest),
    Known::new("aws_iam_policy", "iam", "policy/", Import::Whole),
    Known::new("aws_iam_role", "iam", "role/", Import::Last),
    Known::new("aws_iam_user", "iam", "user/", Import::Last),
    Known::new("aws_instance", "ec2", "instance/", Import::Rest),
    Known::new("aws_internet_gateway", "ec2", "internet-gateway/", Import::Rest),
    Known::new("aws_kms_key", "kms", "key/", Import::Rest),
    Known::new("aws_lambda_function", "lambda", "function:", Import::Rest),
    Known::new("aws_launch_template", "ec2", "launch-template/", Import::Rest),
    Known::new("aws_lb", "elasticloadbalancing", "loadbalancer/app/", Import::Whole),
    Known::new("aws_lb", "elasticloadbalancing", "loadbalancer/net/", Import::Whole),
    Known::new("aws_lb_target_group", "elasticloadbalancing", "targetgroup/", Import::Whole),
    Known::new("aws_nat_gateway", "ec2", "natgateway/", Import::Rest),
    Known::new("aws_network_interface", "ec2", "network-interface/", Import::Rest),
    Known::new("aws_rds_cluster", "rds", "cluster:", Import::Rest),
    Known::new("aws_route53_zone", "route53", "hostedzone/", Import::Rest),
    Known::new("aws_route_table", "ec2", "route-table/", Import::Rest),
    Known::new("aws_s3_bucket", "s3", "", Import::Rest),
    Known::new("aws_secretsmanager_secret", "secretsmanager", "secret:", Import::Whole),
    Known::new("aws_security_group", "ec2", "security-group/", Import::Rest),
    Known::new("aws_sfn_state_machine", "states", "stateMachine:", Import::Whole),
    Known::new("aws_sns_topic", "sns", "", Import::Whole),
    Known::new("aws_subnet", "ec2", "subnet/", Import::Rest),
    Known::new("aws_vpc", "ec2", "vpc/", Import::Rest),
];

/// The type that manages what the ARN names.
pub(crate) fn known(text: &str) -> Option<&'static Known> {
    let arn = Arn::parse(text)?;
    KNOWN.iter().find(|known| known.name(arn).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_type_and_import_id() {
        let table = [
            ("arn:aws:ec2:eu-west-1:1:instance/i-0abc", "aws_instance", "i-0abc"),
            ("arn:aws:s3:::logs", "aws_s3_bucket", "logs"),
            ("arn:aws:rds:eu-west-1:1:db:main", "aws_db_instance", "main"),
            ("arn:aws:iam::1:role/service/web", "aws_iam_role", "web"),
            ("arn:aws:iam::1:policy/p", "aws_iam_policy", "arn:aws:iam::1:policy/p"),
            ("arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/f", "aws_cloudwatch_log_group", "/aws/lambda/f"),
            ("arn:aws-cn:sns:cn-north-1:1:alerts", "aws_sns_topic", "arn:aws-cn:sns:cn-north-1:1:alerts"),
        ];
        for (arn, type_name, import_id) in table {
            let known = known(arn).unwrap();
            assert_eq!((known.type_name, known.import_id(arn).as_deref()), (type_name, Some(import_id)));
        }
    }

    #[test]
    fn what_is_no_arn_of_a_known_kind_tells_nothing() {
        let texts = [
            "",
            "i-0abc",
            "arn:aws:ec2",
            "arn:aws:ec2:eu-west-1:1:",
            "arn:aws:s3:::logs/key",
            "arn:aws:sns:eu-west-1:1:alerts:6b0e",
            "arn:aws:ec2:eu-west-1:1:instance/",
            "arn:aws:ec2:eu-west-1:1:instance/i\n",
            "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/classic",
        ];
        for text in texts {
            assert!(known(text).is_none(), "{text:?}");
        }
    }
}
