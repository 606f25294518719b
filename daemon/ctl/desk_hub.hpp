// The substitute for Hub's REST API while `angoctl run` runs a module: a listener on the loopback interface.
//
// It serves the export, takes result files, and plays the project. With the address of a real API it does only the first two, and
// forwards all other calls.
#pragma once

#include "base/cancel.hpp"
#include "base/proxy.hpp"
#include "ctl/desk_project.hpp"
#include "http/server.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace angod::ctl {

struct DeskOptions {
    std::filesystem::path export_file; ///< NDJSON, a JSON array, or a zip of such files; empty: none
    bool lists_assets = false;         ///< its assets are those of the project
    std::filesystem::path out;         ///< made when the first file comes
    std::vector<std::string> batches;  ///< of the event: the project has them
    std::string api_url;               ///< of a real Hub, without a slash at the end; empty: none
    ProxyRules proxies;                ///< on the way there
};

class DeskHub {
public:
    /// Reads the export and listens. Event loop only.
    static Result<std::unique_ptr<DeskHub>> start(const asio::any_io_executor &executor, DeskOptions options);
    ~DeskHub();
    /// Ends the calls that are under way.
    void stop();

    /// The address for the host. Other processes of this machine cannot guess it.
    std::string url() const { return base_; }
    /// The files that were made, as they are called in DeskOptions::out.
    const std::vector<std::string> &files() const { return files_; }
    /// Names of files in the zip that are no part of the export, fit for the terminal.
    const std::vector<std::string> &left_out() const { return left_out_; }

private:
    explicit DeskHub(DeskOptions options);
    Result<void> read_export();
    awaitable<http::Response> answer(http::Request request);
    awaitable<http::Response> hand_on(http::Request request, std::string path);
    http::Response answer_here(const http::Request &request, const std::string &path);
    Result<void> keep_line(const std::string &file, std::string_view line);
    Result<void> keep(const std::string &file, std::string_view bytes, bool append);

    const DeskOptions options_;
    std::string key_;  ///< the first part of all paths
    std::string base_; ///< "http://127.0.0.1:PORT/KEY"
    std::string export_zip_;
    DeskProject project_;
    std::vector<std::string> files_;
    std::vector<std::string> left_out_;
    CancelToken cancel_;
    asio::thread_pool pool_{4};
    std::unique_ptr<http::Server> server_;
};

} // namespace angod::ctl
