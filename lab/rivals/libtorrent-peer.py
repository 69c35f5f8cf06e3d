"""One libtorrent session: libtorrent-peer.py seed|get|dht OPTIONS, where OPTIONS is a JSON object.

    port            TCP and UDP port to listen on
    torrent         path of a .torrent file, or a magnet link
    folder          where its data is, or goes
    utp, encrypted  the one kind of connection that is made and taken; plain TCP without them
    peers           [{"host", "port"}] to dial
    uploadLimit, downloadLimit  bytes a second
    dhtNode         {"host", "port"} to join the DHT by; everything stays on 127.0.0.1 then
    pex             exchanges peers

`seed` prints READY when all data is checked, `get` DONE when it has fetched everything, `dht` READY when its node runs. It
then runs until its standard input closes or it is ended. No discovery but what is asked for and the torrent's own trackers.
"""

import json
import select
import sys
import time

import libtorrent as lt


def settings(options, dht):
    utp = options.get("utp", False)
    policy = 0 if options.get("encrypted") else 2
    node = options.get("dhtNode")
    return {
        "listen_interfaces": ("127.0.0.1:" if dht else "0.0.0.0:") + str(options["port"]),
        "enable_dht": dht,
        "dht_bootstrap_nodes": "" if node is None else "%s:%d" % (node["host"], node["port"]),
        # One machine is the whole network here: its nodes share an address, and the address is not public.
        "dht_restrict_routing_ips": False,
        "dht_restrict_search_ips": False,
        "dht_prefer_verified_node_ids": False,
        "dht_enforce_node_id": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": utp,
        "enable_outgoing_utp": utp,
        "enable_incoming_tcp": not utp,
        "enable_outgoing_tcp": not utp,
        "in_enc_policy": policy,
        "out_enc_policy": policy,
        "allowed_enc_level": 2,
        "allow_multiple_connections_per_ip": True,
        "min_reconnect_time": 1,
        "alert_mask": lt.alert.category_t.error_notification,
    }


def until_told(seconds):
    """True when the standard input has closed."""
    readable, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(readable) and not sys.stdin.buffer.read1(1)


def add(session, options):
    source = options["torrent"]
    if source.startswith("magnet:"):
        params = lt.parse_magnet_uri(source)
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(source)
    params.save_path = options["folder"]
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    if options.get("pex"):
        params.flags &= ~lt.torrent_flags.disable_pex
    else:
        params.flags |= lt.torrent_flags.disable_pex
    handle = session.add_torrent(params)
    handle.set_upload_limit(options.get("uploadLimit") or -1)
    handle.set_download_limit(options.get("downloadLimit") or -1)
    return handle


def main():
    mode, text = sys.argv[1:]
    options = json.loads(text)
    dht = mode == "dht" or options.get("dhtNode") is not None
    session = lt.session(settings(options, dht))
    if mode == "dht":
        while not session.is_dht_running():
            time.sleep(0.02)
        print("READY", flush=True)
        while not until_told(0.2):
            pass
        return
    handle = add(session, options)
    said = False
    asked = 0.0
    while True:
        status = handle.status()
        if status.errc.value() != 0:
            print("ERROR", status.errc.message(), flush=True)
            sys.exit(1)
        if not said and status.is_seeding:
            print("READY" if mode == "seed" else "DONE", flush=True)
            said = True
        if time.monotonic() - asked > 1:
            asked = time.monotonic()
            if dht:
                handle.force_dht_announce()
            if not said and mode == "get" and status.num_peers == 0:
                for peer in options.get("peers", []):
                    handle.connect_peer((peer["host"], peer["port"]))
        if until_told(0.02 if not said else 0.2):
            return


main()
