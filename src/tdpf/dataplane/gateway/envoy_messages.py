"""Envoy's configuration in protocol buffers: the messages that the compilers give as dicts, in the form Envoy reads without parsing text. Pure.

Only the fields that are used stand here, with their numbers (Envoy's API v3): ``name number type``, ``*`` before the type for several, ``{}`` for a
map by strings. Messages of the same name in different packages have names of their own; the last part of ``@type`` says which one is meant.
"""

import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

_MESSAGES = """
DiscoveryResponse: version_info 1 string, resources 2 *Any
Cluster: name 1 string, type 2 DiscoveryType, connect_timeout 4 Duration, per_connection_buffer_limit_bytes 5 Wrapped, \
circuit_breakers 10 CircuitBreakers, dns_lookup_family 17 DnsLookupFamily, \
outlier_detection 19 OutlierDetection, transport_socket 24 Extension, common_lb_config 27 CommonLbConfig, load_assignment 33 ClusterLoadAssignment, \
typed_extension_protocol_options 36 {}Any, load_balancing_policy 41 LoadBalancingPolicy
LoadBalancingPolicy: policies 1 *Policy
Policy: typed_extension_config 4 TypedExtension
LeastRequest: choice_count 1 Wrapped
CircuitBreakers: thresholds 1 *Thresholds
Thresholds: max_connections 2 Wrapped, max_pending_requests 3 Wrapped, max_requests 4 Wrapped, max_retries 5 Wrapped
CommonLbConfig: healthy_panic_threshold 1 Percent
OutlierDetection: consecutive_5xx 1 Wrapped, interval 2 Duration, base_ejection_time 3 Duration, max_ejection_percent 4 Wrapped, \
success_rate_minimum_hosts 7 Wrapped, consecutive_gateway_failure 10 Wrapped, enforcing_consecutive_gateway_failure 11 Wrapped, \
max_ejection_time 21 Duration
ClusterLoadAssignment: cluster_name 1 string, endpoints 2 *LocalityLbEndpoints
LocalityLbEndpoints: lb_endpoints 2 *LbEndpoint
LbEndpoint: endpoint 1 Endpoint
Endpoint: address 1 Address
Address: socket_address 1 SocketAddress, pipe 2 Path
SocketAddress: address 2 string, port_value 3 number
Path: path 1 string
Extension: name 1 string, typed_config 3 Any
TypedExtension: name 1 string, typed_config 2 Any
HttpFilter: name 1 string, typed_config 4 Any
HttpProtocolOptions: explicit_http_config 3 ExplicitHttpConfig, http_filters 6 *HttpFilter
ExplicitHttpConfig: http_protocol_options 1 Empty, http2_protocol_options 2 Empty
Empty:
UpstreamCodec:
UpstreamTlsContext: common_tls_context 1 CommonTlsContext, sni 2 string
CommonTlsContext: tls_params 1 TlsParameters, validation_context 3 CertificateValidationContext, alpn_protocols 4 *string, \
tls_certificate_sds_secret_configs 6 *SdsSecretConfig
TlsParameters: tls_minimum_protocol_version 1 TlsProtocol, tls_maximum_protocol_version 2 TlsProtocol
CertificateValidationContext: trusted_ca 1 DataSource, match_typed_subject_alt_names 15 *SubjectAltNameMatcher
SubjectAltNameMatcher: san_type 1 SanType, matcher 2 StringMatcher
DataSource: filename 1 string, inline_string 3 string
SdsSecretConfig: name 1 string, sds_config 2 ConfigSource
ConfigSource: resource_api_version 6 ApiVersion, path_config_source 8 PathConfigSource
PathConfigSource: path 1 string, watched_directory 2 Path
CredentialInjector: overwrite 1 bool, credential 3 TypedExtension
Generic: credential 1 SdsSecretConfig, header 2 string
OAuth2: token_endpoint 1 HttpUri, scopes 2 *string, client_credentials 3 ClientCredentials
ClientCredentials: client_id 1 string, client_secret 2 SdsSecretConfig
HttpUri: uri 1 string, cluster 2 string, timeout 3 Duration
HeaderMutation: mutations 1 Mutations
Mutations: request_mutations 1 *Mutation, query_parameter_mutations 3 *KeyValueMutation
Mutation: remove 1 string
KeyValueMutation: append 1 KeyValueAppend, remove 2 string
KeyValueAppend: action 2 AppendAction, record 3 KeyValuePair
KeyValuePair: key 1 string, value 2 Value
RouteConfiguration: name 1 string, virtual_hosts 2 *VirtualHost, max_direct_response_body_size_bytes 11 Wrapped
VirtualHost: name 1 string, domains 2 *string, typed_per_filter_config 15 {}Any, retry_policy 16 RetryPolicy, matcher 21 Matcher
Matcher: matcher_tree 2 MatcherTree
MatcherTree: input 1 TypedExtension, prefix_match_map 3 MatchMap
MatchMap: map 1 {}OnMatch
OnMatch: action 2 TypedExtension
HttpRequestHeaderMatchInput: header_name 1 string
RouteList: routes 1 *Route
Route: match 1 RouteMatch, route 2 RouteAction, metadata 4 Metadata, direct_response 7 DirectResponse, request_headers_to_add 9 *HeaderValueOption, \
response_headers_to_add 10 *HeaderValueOption, response_headers_to_remove 11 *string, request_headers_to_remove 12 *string, typed_per_filter_config 13 {}Any
RouteMatch: prefix 1 string, headers 6 *HeaderMatcher, grpc 8 Empty, safe_regex 10 RegexMatcher, path_separated_prefix 14 string
RouteAction: cluster 1 string, cluster_header 2 string, prefix_rewrite 5 string, host_rewrite_literal 6 string, timeout 8 Duration, \
retry_policy 9 RetryPolicy, idle_timeout 24 Duration, upgrade_configs 25 *UpgradeConfig, regex_rewrite 32 RegexMatchAndSubstitute
UpgradeConfig: upgrade_type 1 string, enabled 2 Wrapped
RetryPolicy: retry_on 1 string, num_retries 2 Wrapped, retry_host_predicate 5 *Extension, host_selection_retry_max_attempts 6 number, \
retry_back_off 8 RetryBackOff, retriable_request_headers 10 *HeaderMatcher
PreviousHostsPredicate:
RetryBackOff: base_interval 1 Duration, max_interval 2 Duration
DirectResponse: status 1 number
HeaderMatcher: name 1 string, present_match 7 bool, string_match 13 StringMatcher, treat_missing_header_as_empty 14 bool
HeaderValueOption: header 1 HeaderValue, append_action 3 AppendAction, keep_empty_value 4 bool
HeaderValue: key 1 string, value 2 string
StringMatcher: exact 1 string, safe_regex 5 RegexMatcher, ignore_case 6 bool
RegexMatcher: regex 2 string
RegexMatchAndSubstitute: pattern 1 RegexMatcher, substitution 2 string
Metadata: filter_metadata 1 {}Struct
Struct: fields 1 {}Value
FilterConfig: disabled 3 bool
CorsPolicy: allow_origin_string_match 1 *StringMatcher, allow_methods 2 string, allow_headers 3 string, expose_headers 4 string, max_age 5 string
ExtProcPerRoute: overrides 2 Empty
CompressorPerRoute: overrides 2 CompressorOverrides
CompressorOverrides: response_direction_config 1 Empty
LocalRateLimit: stat_prefix 1 string, token_bucket 3 TokenBucket, filter_enabled 4 RuntimeFractionalPercent, filter_enforced 5 RuntimeFractionalPercent, \
response_headers_to_add 6 *HeaderValueOption
TokenBucket: max_tokens 1 number, tokens_per_fill 2 Wrapped, fill_interval 3 Duration
RuntimeFractionalPercent: default_value 1 FractionalPercent
FractionalPercent: numerator 1 number, denominator 2 Denominator
Percent: value 1 double
BufferPerRoute: buffer 2 Buffer
Buffer: max_request_bytes 1 Wrapped
BandwidthLimit: stat_prefix 1 string, enable_mode 2 EnableMode, limit_kbps 3 Wrapped
"""
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "DiscoveryType": ("STATIC", "STRICT_DNS"),
    "DnsLookupFamily": ("AUTO", "V4_ONLY", "V6_ONLY", "V4_PREFERRED", "ALL"),
    "TlsProtocol": ("TLS_AUTO", "TLSv1_0", "TLSv1_1", "TLSv1_2", "TLSv1_3"),
    "SanType": ("SAN_TYPE_UNSPECIFIED", "EMAIL", "DNS"),
    "ApiVersion": ("AUTO", "V2", "V3"),
    "AppendAction": ("APPEND_IF_EXISTS_OR_ADD", "ADD_IF_ABSENT", "OVERWRITE_IF_EXISTS_OR_ADD", "OVERWRITE_IF_EXISTS"),
    "Denominator": ("HUNDRED", "TEN_THOUSAND", "MILLION"),
    "EnableMode": ("DISABLED", "REQUEST", "RESPONSE", "REQUEST_AND_RESPONSE"),
}
_Writer = Callable[[Any], bytes]


class Encoded(bytes):
    """A message that is in its binary form already; it stands wherever its dict could."""


class NotKnown(LookupError):
    """A message, field or choice that does not stand in the list above."""


def encoded(message: str, said: Mapping[str, Any]) -> Encoded:
    """Return a message of the list in its binary form; raises NotKnown for anything that is not in it."""
    return Encoded(_message(message, said))


def encoded_any(said: Mapping[str, Any]) -> Encoded:
    """Return a message that says its ``@type`` as the one that carries any other."""
    return Encoded(_any(said))


def _varint(number: int) -> bytes:
    if number < 0:
        raise ValueError("a number below zero")
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _sized(data: bytes) -> bytes:
    return _varint(len(data)) + data


def _field(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _sized(data)


def _message(message: str, said: Any) -> bytes:
    if isinstance(said, Encoded):
        return said
    fields = _FIELDS.get(message)
    if fields is None:
        raise NotKnown(message)
    try:
        return b"".join([fields[name](value) for name, value in said.items()])
    except KeyError as missing:
        raise NotKnown(f"{message}.{missing.args[0]}") from None


def _any(said: Any) -> bytes:
    if isinstance(said, Encoded):
        return said
    kind = said["@type"]
    message = _message(kind.rpartition(".")[2], {name: value for name, value in said.items() if name != "@type"})
    return _field(1, kind.encode()) + _field(2, message)


def _duration(text: str) -> bytes:
    nanoseconds = int(Decimal(text.removesuffix("s")) * 1_000_000_000)
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return (b"\x08" + _varint(seconds) if seconds else b"") + (b"\x10" + _varint(rest) if rest else b"")


def _value(said: Any) -> bytes:
    """Return a value of a Struct: what JSON knows."""
    if said is None:
        return b"\x08\x00"
    if isinstance(said, bool):
        return b"\x20\x01" if said else b"\x20\x00"
    if isinstance(said, int | float):
        return b"\x11" + struct.pack("<d", said)
    if isinstance(said, str):
        return _field(3, said.encode())
    if isinstance(said, Mapping):
        return _field(5, _struct(said))
    return _field(6, b"".join(_field(1, _value(one)) for one in said))


def _struct(said: Mapping[str, Any]) -> bytes:
    return _message("Struct", {"fields": said})


_OF_PROTOBUF: Mapping[str, _Writer] = {"Any": _any, "Duration": _duration, "Value": _value, "Struct": _struct}


def _chosen(choices: tuple[str, ...]) -> _Writer:
    numbers = {name: _varint(number) for number, name in enumerate(choices)}
    return lambda said: numbers[said]


def _writer(kind: str) -> tuple[int, _Writer]:
    """Return how a type is written: its wire type, and what is behind the tag."""
    if kind in ("number", "bool"):
        return 0, _varint
    if kind == "double":
        return 1, lambda said: struct.pack("<d", said)
    if kind in _CHOICES:
        return 0, _chosen(_CHOICES[kind])
    if kind == "string":
        return 2, lambda said: _sized(said.encode())
    if kind == "Wrapped":
        return 2, lambda said: _sized(b"\x08" + _varint(said))
    if kind in _OF_PROTOBUF:
        write = _OF_PROTOBUF[kind]
        return 2, lambda said: _sized(write(said))
    return 2, lambda said: _sized(_message(kind, said))


def _of_field(number: int, kind: str) -> _Writer:
    wire, write = _writer(kind.lstrip("*{}"))
    tag = _varint(number << 3 | wire)
    if kind.startswith("*"):
        return lambda said: b"".join([tag + write(one) for one in said])
    if kind.startswith("{}"):
        entry = _varint(number << 3 | 2)
        inner = _varint(2 << 3 | wire)
        return lambda said: b"".join(
            [entry + _sized(_field(1, key.encode()) + inner + write(one)) for key, one in said.items()]
        )
    return lambda said: tag + write(said)


def fields(message: bytes) -> list[tuple[int, bytes]]:
    """Return the length-delimited fields of a protobuf message; raises ValueError or IndexError on a malformed one."""
    found, at = [], 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        if tag & 7 == 0:
            _, at = _read_varint(message, at)
        elif tag & 7 == 2:
            size, at = _read_varint(message, at)
            found.append((tag >> 3, message[at : at + size]))
            at += size
        else:
            at += {1: 8, 5: 4}[tag & 7]
    return found


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _known() -> dict[str, dict[str, _Writer]]:
    found: dict[str, dict[str, _Writer]] = {}
    for line in _MESSAGES.strip().splitlines():
        message, _, fields = line.partition(":")
        found[message] = {}
        for field in filter(None, fields.strip().split(", ")):
            name, number, kind = field.split()
            found[message][name] = _of_field(int(number), kind)
    return found


_FIELDS = _known()
