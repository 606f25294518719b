#include "app/make_link.hpp"

#include "connector/rest_link.hpp"
#include "hub/socket_link.hpp"

namespace angod::app {

namespace {

hub::LinkOptions link_options(const config::Plugin &config, std::shared_ptr<asio::ssl::context> tls) {
    hub::LinkOptions options;
    options.id = config.id;
    options.secret = config.secret;
    options.ask_ack = config.hub.ask_ack;
    options.connection.url = *parse_url(config.hub.url); // the configuration has checked it
    options.connection.tls = std::move(tls);
    options.connection.ca_file = config.hub.ca_file;
    options.connection.proxies = config.hub.proxies;
    options.connection.secrets = {config.secret};
    options.connection.name_space = "/plugin";
    options.connection.user_agent = "angod/" ANGOD_VERSION;
    return options;
}

connector::RestOptions rest_options(const config::Plugin &config, const config::Config &all) {
    connector::RestOptions options;
    options.id = config.id;
    options.secret = config.secret;
    options.api_url = config.hub.api_url;
    options.client.ca_file = config.hub.ca_file;
    options.client.proxies = config.hub.proxies;
    options.hold = std::chrono::seconds(all.connector.hold_s);
    options.hold_workflow = all.connector.hold_workflow;
    return options;
}

} // namespace

std::unique_ptr<hub::Link> make_link(const Shared &shared, const config::Plugin &config,
                                     std::shared_ptr<asio::ssl::context> tls, hub::Link::Callbacks on, Log log) {
    if (config.rest)
        return std::make_unique<connector::RestLink>(shared.executor, shared.pool, *shared.connector,
                                                     rest_options(config, shared.config), std::move(on),
                                                     std::move(log));
    return std::make_unique<hub::SocketLink>(shared.executor, shared.pool, link_options(config, std::move(tls)),
                                             std::move(on), std::move(log));
}

} // namespace angod::app
