"""What a stack's configuration says about the web faces."""

ISSUER = "https://sso.insurer.test"
UPLOADS = "https://documents.s3.test https://documents.s3.region.test"
