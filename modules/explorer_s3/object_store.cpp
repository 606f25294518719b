#include "explorer_s3/object_store.hpp"

#include "common/json.hpp"
#include "common/percent.hpp"
#include "common/storage_hosts.hpp"

#include <ango/module.hpp>

#include <algorithm>

namespace ango::explorer_s3 {

namespace {

using common::find;
using common::percent_encode;
using common::text_of;

std::string upper(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return out;
}

std::string_view either(std::string_view first, std::string_view second) { return first.empty() ? second : first; }

} // namespace

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
               c == '_';
    });
}

StoreSettings StoreSettings::at(std::string_view address, std::string_view bucket) const {
    StoreSettings out = *this;
    const std::string below = std::string(bucket) + ".";
    if (address.starts_with(below)) {
        address.remove_prefix(below.size());
        out.path_style = false;
    }
    out.endpoint = endpoint.substr(0, endpoint.find("://") + 3) + std::string(address);
    return out;
}

std::string ObjectStore::host() const {
    const std::size_t from = base.find("://");
    if (from == base.npos) return {};
    const std::string_view authority = std::string_view(base).substr(from + 3, base.find('/', from + 3) - from - 3);
    const std::size_t port = authority.rfind(':');
    const bool in_brackets = port != authority.npos && authority.find(']', port) != authority.npos;
    return std::string(in_brackets ? authority : authority.substr(0, port));
}

std::string ObjectStore::list_url(std::string_view prefix, std::string_view token, std::uint32_t limit) const {
    std::string url = base + "?list-type=2&delimiter=%2F&encoding-type=url&max-keys=" + std::to_string(limit) +
                      "&prefix=" + percent_encode(prefix);
    if (!token.empty()) url += "&continuation-token=" + percent_encode(token);
    return url;
}

std::string ObjectStore::object_url(std::string_view key) const { return base + percent_encode(key, "/"); }

ObjectStore open_store(const StoreSettings &settings, std::string_view storage, std::string_view bucket,
                       std::string_view region) {
    common::JsonParser parser;
    const common::Json *record = parser.parse(storage);
    if (!record || !record->IsObject())
        throw Failure("No storage is chosen. Choose a storage and run the plugin again.");
    ObjectStore out;
    out.id = text_of(find(record, "_id"));
    out.name = either(text_of(find(record, "name")), out.id);
    out.provider = upper(either(text_of(find(record, "provider")), text_of(find(record, "type"))));
    out.speaks_s3 = !settings.endpoint.empty() || out.provider == "AWS" || out.provider == "S3";
    const common::Json *credentials = find(record, "credentials");
    common::JsonParser inner; // they may be JSON in a text
    const std::string credentials_text(text_of(credentials));
    if (!credentials_text.empty()) credentials = inner.parse(credentials_text);
    out.key_id = either(text_of(find(record, "publicKey")), text_of(find(credentials, "accessKeyId")));
    out.secret = either(text_of(find(record, "privateKey")), text_of(find(credentials, "secretAccessKey")));
    out.bucket = either(bucket, text_of(find(record, "bucket")));
    if (!is_name(out.bucket))
        throw Failure(out.bucket.empty() ? "No bucket is chosen. Choose one and run the plugin again."
                                         : "The name of the bucket has characters that are not allowed in one.");
    if (!out.speaks_s3) return out;
    out.region = either(either(region, text_of(find(record, "region"))), "us-east-1");
    if (!is_name(out.region))
        throw Failure("The region of the storage \"" + out.name + "\" is not valid. Correct it in Hub.");
    std::string endpoint = settings.endpoint.empty() ? "https://" + common::s3_host(out.region) : settings.endpoint;
    while (endpoint.ends_with('/')) endpoint.pop_back();
    // The certificate does not cover a bucket's name with a dot.
    if (settings.path_style || out.bucket.find('.') != out.bucket.npos) {
        out.base = endpoint + "/" + out.bucket + "/";
    } else {
        const std::size_t host = endpoint.find("://") + 3;
        out.base = endpoint.substr(0, host) + out.bucket + "." + endpoint.substr(host) + "/";
    }
    return out;
}

} // namespace ango::explorer_s3
