# State in a store that speaks S3, here MinIO. The keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
terraform {
  backend "s3" {
    bucket = "tofu-state"
    key    = "web/terraform.tfstate"
    # Required; MinIO takes any.
    region = "us-east-1"

    endpoints = {
      s3 = "https://minio.example.org"
    }
    # Buckets are part of the path, not of the host name.
    use_path_style = true
    # What only AWS has.
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
    # A lock beside the state; from OpenTofu 1.10 and Terraform 1.10 on.
    use_lockfile = true
  }
}
