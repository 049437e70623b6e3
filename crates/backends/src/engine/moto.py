# Runs moto's server, mended where S3 answers otherwise.
import re
import sys
from datetime import datetime, timedelta, timezone

from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import FakeMultipart, s3_backends
from moto.s3.responses import S3Response
from moto.server import main

# Of some answers it names the outermost element otherwise, as botocore overlooks and other clients do not:
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
MISNAMED = ("CompleteMultipartUpload", "ListParts", "UploadPartCopy", "CopyObject")
NAMES = {"UploadPartCopy": "CopyPart"}

# It says of every upload that it began in 2010, so that one under way looks like one that nobody will complete. Here a second of
# an upload is an hour, as tests cannot wait for days.
HOURS_A_SECOND = 1
BEGAN = {}

serialized = getattr(S3Response, "serialized", None)
begin = FakeMultipart.__init__


def begun(self, *args, **kwargs):
    begin(self, *args, **kwargs)
    BEGAN[self.id] = datetime.now(timezone.utc)


def dated(upload):
    text = upload.group()
    began = BEGAN.get(re.search("<UploadId>(.*?)</UploadId>", text).group(1))
    if began is None:
        return text
    now = datetime.now(timezone.utc)
    initiated = now - timedelta(hours=HOURS_A_SECOND * (now - began).total_seconds())
    stamp = initiated.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return re.sub("<Initiated>.*?</Initiated>", f"<Initiated>{stamp}</Initiated>", text)


def mended(self, result):
    status, headers, body = serialized(self, result)
    if isinstance(body, str):
        for name in MISNAMED:
            body = body.replace(f"{name}Response", f"{NAMES.get(name, name)}Result")
        body = re.sub("<Upload>.*?</Upload>", dated, body, flags=re.DOTALL)
    return status, headers, body


FakeMultipart.__init__ = begun
if serialized:
    S3Response.serialized = mended

s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(sys.argv.pop(), "us-east-1")
main()
