// The host talks to this listener as to Hub. Its paths begin with a random key, so that only the host can use it. Calls for result
// files and the export are answered here; the project's calls go to DeskProject or, with the address of a real API, to that API,
// on a thread of the pool.
//
// Thread: the event loop; hand_on works on the pool.
#include "ctl/desk_hub.hpp"

#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/percent.hpp"
#include "ctl/zip_file.hpp"
#include "rest/http_client.hpp"
#include "rest/hub_api.hpp"
#include "unpack/export_zip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

namespace angod::ctl {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxFile = std::size_t{1} << 30; // of an export and of a result; they are held in memory
constexpr auto kLongestCall = 15min;                   // a real Hub may prepare an export for minutes

/// A file name that cannot lead out of its folder.
std::string plain_name(std::string_view name) {
    std::string out(name.substr(name.find_last_of('/') == name.npos ? 0 : name.find_last_of('/') + 1));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\\'; }, '_');
    return out.empty() || out.front() == '.' ? "_" + out : out;
}

std::string query(const http::Request &request, const std::string &name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
}

std::size_t number(const std::string &text, std::size_t otherwise) {
    std::size_t value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

http::Response response_of(DeskProject::Answer answer) {
    http::Response response;
    response.status = answer.status;
    response.body = std::move(answer.body);
    return response;
}

http::Response success(std::string_view name, std::string_view value) {
    return response_of(desk_success(fmt::format("{{{}:{}}}", json::quote(name), json::quote(value))));
}

std::uint16_t port_of(const http::Acceptor &acceptor) {
    const auto endpoint = acceptor.local_endpoint(); // IPv4: port in network order behind the family
    const auto *bytes = reinterpret_cast<const unsigned char *>(endpoint.data());
    return static_cast<std::uint16_t>(bytes[2] << 8 | bytes[3]);
}

/// A sentence that continues the name of a file that is neither a zip nor UTF-8 text; empty if it may be one of them.
std::string other_format(std::string_view bytes) {
    if (bytes.starts_with("\x1f\x8b"))
        return "is packed with gzip. Unpack it first; an export is a zip or lines of JSON.";
    if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff"))
        return "is UTF-16 text. Save it as UTF-8; an export is a zip or lines of JSON.";
    return {};
}

} // namespace

DeskHub::DeskHub(DeskOptions options)
    : options_(std::move(options)),
      key_("/" + new_id()),
      project_([this](const std::string &file, std::string_view line) { return keep_line(file, line); },
               options_.batches) {}

DeskHub::~DeskHub() { stop(); }

void DeskHub::stop() {
    cancel_.cancel();
    if (server_) server_->stop();
    pool_.join();
}

Result<std::unique_ptr<DeskHub>> DeskHub::start(const asio::any_io_executor &executor, DeskOptions options) {
    std::unique_ptr<DeskHub> desk(new DeskHub(std::move(options)));
    if (const auto read = desk->read_export(); !read) return read.error();
    auto acceptor = http::listen_tcp(executor, "127.0.0.1", 0);
    if (!acceptor) return acceptor.error();
    desk->base_ = fmt::format("http://127.0.0.1:{}{}", port_of(*acceptor), desk->key_);
    http::ServerOptions serving;
    serving.name = "desk";
    serving.body_limit = serving.bodies_limit = kMaxFile;
    serving.body_time = serving.write_limit = 600s;
    DeskHub *self = desk.get();
    const auto handler = [self](http::Request request) { return self->answer(std::move(request)); };
    desk->server_ = std::make_unique<http::Server>(std::move(*acceptor), handler, serving);
    desk->server_->start();
    return desk;
}

Result<void> DeskHub::read_export() {
    if (options_.export_file.empty()) return {};
    const auto bytes = files::read(options_.export_file, kMaxFile);
    if (!bytes) return bytes.error();
    const std::string file = options_.export_file.string();
    if (const std::string other = other_format(*bytes); !other.empty())
        return error(Code::invalid, fmt::format("{} {}", file, other));
    const bool zipped = is_zip(*bytes);
    auto zip = zipped ? Result<std::string>(*bytes) : zip_of("export.ndjson", *bytes);
    if (!zip) return zip.error();
    export_zip_ = std::move(*zip);
    if (!options_.lists_assets) return {};
    if (!zipped) {
        const auto loaded = project_.load(*bytes);
        return loaded ? loaded : wrap(file, loaded.error());
    }
    const auto parts = parts_of(*bytes, kMaxFile, left_out_);
    if (!parts) return wrap(file, parts.error());
    for (const ExportPart &part : *parts)
        if (const auto loaded = project_.load(part.text); !loaded)
            return wrap(fmt::format("{}, file {}", file, shown_name(part.name)), loaded.error());
    return {};
}

awaitable<http::Response> DeskHub::answer(http::Request request) {
    if (!request.path.starts_with(key_ + "/")) {
        http::Response nothing;
        nothing.status = 404;
        co_return nothing;
    }
    std::string path = request.path.substr(key_.size());
    const bool of_result = query(request, "type") == "exports";
    const bool export_here = path == "/v2/export" && !export_zip_.empty();
    const bool file_here = path.starts_with("/files/") || path == "/export.zip";
    const bool address_here = (path == "/v2/getUploadUrl" || path == "/v2/getSignedUrl") && of_result;
    if (options_.api_url.empty() || export_here || file_here || address_here) co_return answer_here(request, path);
    co_return co_await hand_on(std::move(request), std::move(path));
}

http::Response DeskHub::answer_here(const http::Request &request, const std::string &path) {
    if (path == "/v2/export" && !export_zip_.empty()) return success("exportPath", base_ + "/export.zip");
    if (path == "/export.zip") {
        http::Response zip;
        zip.body = export_zip_;
        zip.content_type = "application/zip";
        return zip;
    }
    if (path == "/v2/getUploadUrl")
        return success("uploadUrl", base_ + "/files/" + percent_encode(plain_name(query(request, "name"))));
    if (path == "/v2/getSignedUrl") {
        const std::string upload = query(request, "name"), base = base_ + "/files/";
        for (const std::string &file : files_)
            if (upload == base + file || upload == base + percent_encode(file)) // with its escapes decoded, or as it is
                return success("signedUrl", (options_.out / file).string());
        return response_of(desk_refusal(404, "no such file was uploaded"));
    }
    if (request.method == "PUT" && path.starts_with("/files/")) {
        const auto kept = keep(plain_name(path), request.body, false);
        return kept ? http::Response() : response_of(desk_refusal(400, kept.error().text));
    }
    const DeskProject::Asked asked{request.method,
                                   path,
                                   query(request, "filters"),
                                   number(query(request, "page"), 1),
                                   number(query(request, "limit"), 100),
                                   request.body};
    if (auto answer = project_.answer(asked)) return response_of(std::move(*answer));
    return response_of(
        desk_refusal(404, fmt::format("angoctl run only plays Hub, and does not know {} {}; name a real API with --url",
                                      request.method, path)));
}

awaitable<http::Response> DeskHub::hand_on(http::Request request, std::string path) {
    rest::Request call;
    call.method = request.method;
    rest::Query parameters(request.query.begin(), request.query.end());
    call.url = options_.api_url + percent_encode_path(path) + rest::query_text(parameters);
    call.headers = {{"Accept", "application/json"}};
    if (!request.body.empty()) call.headers.push_back({"Content-Type", "application/json"});
    if (const auto key = request.header("apikey")) call.private_headers = {{"apikey", std::string(*key)}};
    call.body = std::move(request.body);
    call.once = call.method != "GET";
    call.whole_timeout = kLongestCall;
    call.stall_timeout = 0ms;
    const auto send = [&] {
        rest::HttpClient client({"", "", options_.proxies});
        return client.send(call, cancel_);
    };
    auto sent = co_await on_pool(pool_, send);
    if (!sent) co_return response_of(desk_refusal(502, sent.error().text));
    http::Response response;
    response.status = static_cast<int>(sent->status);
    response.content_type = std::string(sent->header("Content-Type"));
    response.body = std::move(sent->body);
    co_return response;
}

Result<void> DeskHub::keep_line(const std::string &file, std::string_view line) {
    return keep(file, std::string(line) + "\n", std::find(files_.begin(), files_.end(), file) != files_.end());
}

Result<void> DeskHub::keep(const std::string &file, std::string_view bytes, bool append) {
    std::error_code failed;
    std::filesystem::create_directories(options_.out, failed);
    const std::filesystem::path path = options_.out / file;
    std::ofstream out(path, append ? std::ios::binary | std::ios::app : std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) return error(Code::io, fmt::format("cannot write {}: {}", path.string(), files::system_error()));
    if (std::find(files_.begin(), files_.end(), file) == files_.end()) files_.push_back(file);
    return {};
}

} // namespace angod::ctl
