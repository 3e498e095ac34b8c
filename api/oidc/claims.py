"""What an ID token says, once everything about it was checked (OpenID Connect Core 1.0, 3.1.3.7)."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError

from api.oidc.provider import Provider, Tokens
from pipelines.admitting import Identity, NotAdmitted, Why

#: Signatures with a public key only: nothing unsigned, nothing that our own secret or a public key could have made.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
LEEWAY = 60  # seconds that clocks may differ
OLDEST = 600  # seconds since the token was made
LONGEST_SUBJECT = 255


def unproven(detail: str) -> NotAdmitted:
    return NotAdmitted(Why.UNPROVEN, detail)


def identify(provider: Provider, tokens: Tokens, *, nonce: str, now: datetime, name: str, groups: str) -> Identity:
    """Who it is. name, groups: the claims that hold these; asked for at userinfo where the token has no groups.

    NotAdmitted (UNPROVEN) for a token that does not hold.
    """
    claims = dict(proven(provider, tokens, nonce=nonce, now=now))
    if groups not in claims:
        more = provider.userinfo(tokens.access_token)
        if more and more.get("sub") != claims["sub"]:
            raise unproven("userinfo is about somebody else")
        claims = more | claims
    told = claims.get(groups)
    listed = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    called = claims.get(name)
    return Identity(
        issuer=claims["iss"],
        subject=claims["sub"],
        name=called if isinstance(called, str) else "",
        groups=tuple(group for group in listed if isinstance(group, str)),
    )


def proven(provider: Provider, tokens: Tokens, *, nonce: str, now: datetime) -> Mapping[str, Any]:
    """The claims of the ID token, its signature and all of its conditions checked."""
    claims, header = _signed(provider, tokens.id_token)
    client, moment = provider.client, int(now.timestamp())
    _check_shapes(claims, moment)
    if claims["iss"] != client.issuer:
        raise unproven("the token is of another issuer")
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if client.id not in audience:
        raise unproven("the token is for another audience")
    if not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise unproven("the token answers another sign-in (nonce)")
    told = {"nonce": nonce, "client_id": client.id, "access_token": tokens.access_token}
    checked = CodeIDToken(claims, header, params=told)
    try:
        checked.validate(now=moment, leeway=LEEWAY)  # exp, nbf, iat, azp, at_hash
    except JoseError as error:
        raise unproven(f"the token does not hold ({error.error}: {getattr(error, 'claim', '')})") from error
    return claims


def _signed(provider: Provider, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Claims and header of a token that the provider signed."""
    try:
        header = jws.extract_compact(token.encode()).headers()
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or not isinstance(kid, str | None):
            raise unproven("the token is signed in a way that is not accepted")
        key = provider.key(kid, algorithm)
        if key is None:
            raise unproven("the token is signed with a key that the provider does not show")
        registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return dict(jwt.decode(token, key, registry=registry).claims), dict(header)
    except (JoseError, ValueError) as error:  # ValueError: what is no token at all
        raise unproven(f"the token is not signed by the provider ({type(error).__name__})") from error


def _check_shapes(claims: Mapping[str, Any], moment: int) -> None:
    texts = all(isinstance(claims.get(name), str) and claims[name] for name in ("iss", "sub", "nonce"))
    if not texts or len(claims["sub"]) > LONGEST_SUBJECT:
        raise unproven("the token does not say who vouches for whom, or answers no sign-in")
    audience = claims.get("aud")
    if not isinstance(audience, str) and not (isinstance(audience, list) and all(isinstance(a, str) for a in audience)):
        raise unproven("the token does not say whom it is for")
    if not all(_is_moment(claims.get(name)) for name in ("exp", "iat")) or claims["iat"] < moment - OLDEST:
        raise unproven("the token does not say when it was made and ends, or is old")


def _is_moment(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
