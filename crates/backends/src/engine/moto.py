# Runs moto's server. Of some answers it names the outermost element otherwise than S3 does, as botocore overlooks and other
# clients do not: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
import sys

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response
from moto.server import main

MISNAMED = ("CompleteMultipartUpload", "ListParts", "UploadPartCopy", "CopyObject")
NAMES = {"UploadPartCopy": "CopyPart"}

serialized = getattr(S3Response, "serialized", None)


def mended(self, result):
    status, headers, body = serialized(self, result)
    if isinstance(body, str):
        for name in MISNAMED:
            body = body.replace(f"{name}Response", f"{NAMES.get(name, name)}Result")
    return status, headers, body


if serialized:
    S3Response.serialized = mended

s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(sys.argv.pop(), "us-east-1")
main()
