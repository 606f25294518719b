// Two ways to search. By time: read pages of the newest assets until one is older than `from`. It fails, and the search
// changes to names, if an asset has no time, if the times are not in order, or if there are too many pages. By name:
// ask with a filter for the names of the chunk. It fails if the answer has other names, because then this Hub ignores
// the filter. The list may shift while it is read, so assets are counted once by their id.
#include "host/import/import_search.hpp"

#include "rest/http_date.hpp"

#include "base/percent.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace angod::host {

namespace {

constexpr std::size_t kPage = 100;            // the largest page of Hub
constexpr unsigned kMaxPages = 2'000;         // of the list; no project gets so many assets within seconds
constexpr unsigned kMaxNamePages = 50;        // of the answer to one query by name
constexpr std::size_t kMaxQueryBytes = 3'000; // of escaped names; servers accept request lines of 8 KB

/// An asset as Hub lists it; views into the answer.
struct Record {
    std::string_view id, external_id, data;
    std::optional<std::int64_t> created_at;
};

Record record_of(const json::Value &asset) {
    const auto text = [&](std::string_view name) {
        const json::Value *value = json::find(asset, name);
        return value && value->IsString() ? json::view(*value) : std::string_view();
    };
    return {text("_id"), text("externalId"), text("data"), rest::parse_iso_time(text("createdAt"))};
}

struct Page {
    json::Document answer;
    std::vector<Record> records;
};

Result<Page> read_page(rest::HubApi &hub, const std::string &project, const rest::Query &filters, unsigned number) {
    rest::Call call{"the assets of the project", "GET", "/v2/project/" + percent_encode(project) + "/assets"};
    call.query = {{"page", std::to_string(number)}, {"limit", std::to_string(kPage)}};
    call.query.insert(call.query.end(), filters.begin(), filters.end());
    auto answer = hub.call(call);
    if (!answer) return answer.error();
    Page page{std::move(*answer), {}};
    const json::Value *data = json::find(page.answer, "data");
    const json::Value *assets = data ? json::find(*data, "assets") : nullptr;
    if (!assets || !assets->IsArray())
        return error(Code::protocol,
                     "Hub's answer to the request for the assets of the project holds no list of them.");
    for (const json::Value &asset : assets->GetArray()) page.records.push_back(record_of(asset));
    return page;
}

bool reached(const ImportChunk::Counts &counts, const ImportChunk::Counts &enough) {
    return std::equal(counts.begin(), counts.end(), enough.begin(), enough.end(), std::greater_equal<>());
}

/// Splits the names into lists that are each short enough for the URL of one query.
std::vector<std::vector<std::string_view>> queries_of_names(const std::vector<std::string_view> &names) {
    std::vector<std::vector<std::string_view>> out;
    std::unordered_set<std::string_view> seen;
    std::size_t bytes = kMaxQueryBytes;
    for (const std::string_view name : names) {
        if (!seen.insert(name).second) continue;
        const std::size_t more = percent_encode(json::quote(name)).size() + 3;
        if (bytes + more > kMaxQueryBytes) {
            out.emplace_back();
            bytes = 0;
        }
        bytes += more;
        out.back().push_back(name);
    }
    return out;
}

/// Calls `with` for each asset that has one of the names. False if this Hub does not answer by name.
template <class With>
Result<bool> each_by_name(rest::HubApi &hub, const std::string &project, const std::vector<std::string_view> &names,
                          const With &with) {
    for (const auto &asked : queries_of_names(names)) {
        std::vector<std::string> quoted;
        for (const std::string_view name : asked) quoted.push_back(json::quote(name));
        const rest::Query filters{{"filters", fmt::format(R"({{"externalId":[{}]}})", fmt::join(quoted, ","))}};
        for (unsigned number = 1;; ++number) {
            if (number > kMaxNamePages) return false;
            const auto page = read_page(hub, project, filters, number);
            if (!page) return page.error();
            for (const Record &record : page->records) {
                // A Hub that does not know the filter lists all assets.
                if (std::find(asked.begin(), asked.end(), record.external_id) == asked.end()) return false;
                with(record);
            }
            if (page->records.size() < kPage) break;
        }
    }
    return true;
}

} // namespace

Result<std::optional<ImportSearch::Found>> ImportSearch::count(const ImportChunk &chunk,
                                                               std::optional<std::int64_t> from, const Counts *enough,
                                                               std::vector<std::uint64_t> *all) {
    if (method_ != Method::by_name) {
        auto found = count_by_time(chunk, from, enough, all);
        if (!found || *found) return found;
        method_ = Method::by_name;
    }
    return count_by_name(chunk, from);
}

Result<std::optional<ImportSearch::Found>> ImportSearch::count_by_time(const ImportChunk &chunk,
                                                                       std::optional<std::int64_t> from,
                                                                       const Counts *enough,
                                                                       std::vector<std::uint64_t> *all) {
    Found found{chunk.none(), from};
    std::unordered_set<std::string> seen; // new assets move the others to later pages
    std::optional<std::int64_t> last;
    for (unsigned number = 1; number <= kMaxPages; ++number) {
        const auto page = read_page(hub_, project_, {}, number);
        if (!page) return page.error();
        if (!found.from) {
            if (!hub_.server_time()) return std::optional<Found>();
            found.from = *hub_.server_time() - kClockMargin;
        }
        bool old = false;
        for (const Record &record : page->records) {
            if (!record.created_at || record.id.empty()) return std::optional<Found>();
            if (!seen.emplace(record.id).second) continue;
            if (last && *record.created_at > *last) return std::optional<Found>();
            last = record.created_at;
            if (*record.created_at < *found.from) {
                old = true;
                continue;
            }
            const std::uint64_t print = fingerprint(record.external_id, record.data);
            if (all) all->push_back(print);
            if (const auto kind = chunk.kind_of(print)) ++found.counts[*kind];
        }
        if (last) method_ = Method::by_time;
        if (old || page->records.size() < kPage || (enough && reached(found.counts, *enough)))
            return std::optional(std::move(found));
    }
    return std::optional<Found>();
}

Result<std::optional<ImportSearch::Found>> ImportSearch::count_by_name(const ImportChunk &chunk,
                                                                       std::optional<std::int64_t> from) {
    Found found{chunk.none(), from};
    std::unordered_set<std::string> seen;
    std::vector<std::string_view> names;
    for (const NewAsset &asset : chunk.assets()) names.push_back(asset.external_id);
    const auto known = each_by_name(hub_, project_, names, [&](const Record &record) {
        if (!record.id.empty() && !seen.emplace(record.id).second) return;
        if (from && record.created_at && *record.created_at < *from) return;
        if (const auto kind = chunk.kind_of(fingerprint(record.external_id, record.data))) ++found.counts[*kind];
    });
    if (!known) return known.error();
    return *known ? std::optional(std::move(found)) : std::nullopt;
}

Result<std::set<std::string, std::less<>>> names_in_project(rest::HubApi &hub, const std::string &project,
                                                            const std::vector<std::string_view> &names) {
    std::set<std::string, std::less<>> out;
    const auto known =
        each_by_name(hub, project, names, [&](const Record &record) { out.emplace(record.external_id); });
    if (!known) return known.error();
    if (*known) return out;
    return error(Code::remote, "Hub does not say which files are in the project already, so the option "
                               "prevent_duplicates cannot work. Run the plugin again without it.");
}

} // namespace angod::host
