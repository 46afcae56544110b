"""The key that a node's file names, opened."""

from __future__ import annotations

from pathlib import Path

from chain.connection import DEVELOPMENT_CHAINS
from chain.keys import Signer, require_safe
from chain.keystore import open_keystore, read_bare_key
from chain.web3signer import Web3Signer
from oracle.errors import OracleError
from oracle.node_file import NodeFile

MAX_PASSWORD_BYTES = 4_096
SIGNER_SECONDS = 10


def open_key(config: NodeFile, allow_bare_key: bool) -> Signer:
    """The signer. KeyFileError and its like say why it cannot be had; a bare key is for development chains, and only
    where it is asked for."""
    choice = config.key
    signer: Signer
    if choice.keystore is not None and choice.password_file is not None:
        signer = open_keystore(choice.keystore, _password(choice.password_file))
    elif choice.signer is not None and choice.address is not None:
        signer = Web3Signer(choice.signer, choice.address, SIGNER_SECONDS)
    else:
        assert choice.bare_key is not None
        if not allow_bare_key:
            raise OracleError(
                f"{config.path} names a bare key, which anyone who reads the file can use",
                "use a keystore, or say --allow-bare-key on a development chain",
            )
        signer = read_bare_key(choice.bare_key)
    require_safe(config.network.chain_id in DEVELOPMENT_CHAINS, signer)
    return signer


def _password(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as lines:
            return lines.readline(MAX_PASSWORD_BYTES).rstrip("\r\n")
    except UnicodeDecodeError:
        raise OracleError(f"{path} is not UTF-8", "write the password as text on its first line") from None
    except OSError as error:
        raise OracleError(
            f"{path} cannot be read ({error.strerror})", "put the password on its first line"
        ) from None
