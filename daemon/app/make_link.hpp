// Makes the link of a plugin as its configuration says: a connection of its own, or the listener that Hub calls.
#pragma once

#include "app/shared.hpp"
#include "hub/link.hpp"

namespace angod::app {

/// shared and config outlive the link. tls: null for a plaintext Hub.
std::unique_ptr<hub::Link> make_link(const Shared &shared, const config::Plugin &config,
                                     std::shared_ptr<asio::ssl::context> tls, hub::Link::Callbacks on, Log log);

} // namespace angod::app
