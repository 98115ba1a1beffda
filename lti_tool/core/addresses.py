"""Addresses of the network: which of them lead out into the world, whatever they are wrapped in."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")


def plain_address(text: str) -> Address:
    """The address, with an IPv4 one wrapped into IPv6 (mapped, 6to4, NAT64) taken out of its wrapping."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: Address) -> bool:
    """Whether an address is one of the world's: routed, and of a single machine."""
    return address.is_global and not address.is_multicast and is_routed(address)


def is_routed(address: Address) -> bool:
    """Whether an address is of the part of IPv6 that is given out; Python calls forgotten corners global too."""
    return address.version == 4 or address in _GIVEN_OUT
