"""One libtorrent session that seeds or fetches one torrent: libtorrent-peer.py seed|get TORRENT|MAGNET DIR PORT LINK LIMIT [HOST:PORT]...

Prints READY when it seeds with all data checked, DONE when it has fetched everything, then runs until its standard input
closes or it is ended. TCP only; LINK is plain or encrypted (both TCP) or utp. LIMIT is bytes sent a second, 0 for any. No discovery but the torrent's own trackers.
"""

import select
import sys
import time

import libtorrent as lt


def main():
    mode, source, folder, port, link, limit, *peers = sys.argv[1:]
    policy = 0 if link == "encrypted" else 2
    session = lt.session(
        {
            "listen_interfaces": "0.0.0.0:" + port,
            "enable_dht": False,
            "enable_lsd": False,
            "enable_upnp": False,
            "enable_natpmp": False,
            "enable_incoming_utp": link == "utp",
            "enable_outgoing_utp": link == "utp",
            "enable_incoming_tcp": link != "utp",
            "enable_outgoing_tcp": link != "utp",
            "in_enc_policy": policy,
            "out_enc_policy": policy,
            "allowed_enc_level": 2,
            "allow_multiple_connections_per_ip": True,
            "min_reconnect_time": 1,
            "alert_mask": lt.alert.category_t.error_notification,
        }
    )
    if source.startswith("magnet:"):
        params = lt.parse_magnet_uri(source)
    else:
        params = lt.add_torrent_params()
        params.ti = lt.torrent_info(source)
    params.save_path = folder
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    handle = session.add_torrent(params)
    handle.set_upload_limit(int(limit) or -1)
    addresses = [tuple(peer.rsplit(":", 1)) for peer in peers]
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
        if not said and mode == "get" and status.num_peers == 0 and time.monotonic() - asked > 1:
            asked = time.monotonic()
            for host, peer_port in addresses:
                handle.connect_peer((host, int(peer_port)))
        readable, _, _ = select.select([sys.stdin], [], [], 0.02 if not said else 0.2)
        if readable and not sys.stdin.buffer.read1(1):
            return


main()
