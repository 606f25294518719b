// The certificate authorities that the connections of plugins trust, by the file that names them. Any thread.
#pragma once

#include "base/result.hpp"
#include "config/config.hpp"

#include <boost/asio/ssl/context.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace angod::app {

struct Authorities {
    std::string digest;                             ///< of the content
    std::shared_ptr<boost::asio::ssl::context> tls; ///< null: no connection needs it
};
/// By ca_file; empty: the system's authorities.
using AuthoritiesByFile = std::map<std::string, Authorities>;

/// Reads those of these plugins. A file with the same content as in `present` keeps its context. Takes as long as the file
/// system wants.
Result<AuthoritiesByFile> read_authorities(const std::vector<config::Plugin> &plugins,
                                           const AuthoritiesByFile &present);

} // namespace angod::app
