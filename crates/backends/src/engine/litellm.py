# Runs LiteLLM's proxy with the prices that came with it, since it would otherwise ask the internet for others.
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

from litellm import run_server

run_server()
