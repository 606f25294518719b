// The import owns the job's checkpoint. Before a chunk is sent, the checkpoint names its assets by fingerprint, and how
// many equal assets the project had before; after the chunk is done, the checkpoint only counts it. So at every moment
// a new attempt can find out which assets are missing: what Hub has now, minus what it had before. import_phase.hpp has
// the phases. Most chunks need no search before they are sent, because recent_ knows everything that the project
// received in the last seconds. All of it on the job's thread.
#include "host/import/asset_import.hpp"

#include "host_protocol/messages.hpp"

#include "base/json.hpp"
#include "base/percent.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <stdexcept>

namespace angod::host {

namespace {

constexpr std::int64_t kSecond = 1'000;   // the precision of Date headers
constexpr std::size_t kMostShortages = 3; // answers that Hub has not created all assets
constexpr int kPatienceAfterTimeout = 10; // factor for the waits, because Hub was slow already

/// Whether Hub may have executed the request although there is no good answer.
bool may_have_arrived(const Error &why) {
    return why.code == Code::network || why.code == Code::timeout || why.code == Code::protocol ||
           why.code == Code::limit || why.code == Code::full;
}

std::string hex(std::uint64_t print) { return fmt::format("{:016x}", print); }

std::optional<std::uint64_t> from_hex(std::string_view text) {
    std::uint64_t print = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), print, 16);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return print;
}

/// "12 / 15 tasks are labeled."
std::optional<std::pair<std::uint64_t, std::uint64_t>> two_numbers(std::string_view text) {
    std::uint64_t first = 0, second = 0;
    const char *end = text.data() + text.size();
    auto at = std::from_chars(text.data(), end, first);
    if (at.ec != std::errc()) return std::nullopt;
    while (at.ptr != end && (*at.ptr == ' ' || *at.ptr == '/')) ++at.ptr;
    at = std::from_chars(at.ptr, end, second);
    return at.ec == std::errc() ? std::optional(std::pair(first, second)) : std::nullopt;
}

/// The number of assets that Hub says it created; nothing if it says none.
std::optional<std::uint64_t> created_of(const json::Value &answer) {
    const json::Value *data = json::find(answer, "data");
    if (!data || !data->IsObject()) return std::nullopt;
    const json::Value *assets = json::find(*data, "assets");
    if (assets && assets->IsArray()) return assets->Size();
    const json::Value *count = json::find(assets && assets->IsObject() ? *assets : *data, "assetsCreated");
    return count && count->IsUint64() ? std::optional(count->GetUint64()) : std::nullopt;
}

std::size_t sum(const ImportChunk::Counts &counts) {
    return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

} // namespace

AssetImport::AssetImport(Job &job, rest::HubApi &hub, Options options)
    : job_(job), hub_(hub), options_(std::move(options)), search_(hub, job.project()) {
    if (job.checkpoint) read_checkpoint(*job.checkpoint);
}

/// {"done": 300, "sent": {"prints": [hex…], "had": {hex: count}, "from": ms, "blind", "created"}, "by_name",
/// "position"}
void AssetImport::read_checkpoint(std::string_view text) {
    const auto kept = json::parse(text);
    if (!kept) return;
    if (const auto *done = json::find(*kept, "done"); done && done->IsUint64()) done_ = done->GetUint64();
    if (json::find(*kept, "by_name")) search_.use_names();
    if (const auto *position = json::find(*kept, "position")) position_ = json::to_text(*position);
    const json::Value *sent = json::find(*kept, "sent");
    const json::Value *prints = sent ? json::find(*sent, "prints") : nullptr;
    if (!prints || !prints->IsArray()) return;
    sent_.emplace();
    phase_ = json::find(*sent, "created") ? ImportPhase::created : ImportPhase::in_doubt;
    for (const json::Value &print : prints->GetArray())
        if (const auto number = print.IsString() ? from_hex(json::view(print)) : std::nullopt)
            sent_->prints.push_back(*number);
    if (const auto *had = json::find(*sent, "had"); had && had->IsObject())
        for (const auto &member : had->GetObject())
            if (const auto print = from_hex(json::view(member.name)); print && member.value.IsUint64())
                sent_->had[*print] = member.value.GetUint64();
    if (const auto *from = json::find(*sent, "from"); from && from->IsInt64()) sent_->from = from->GetInt64();
    sent_->blind = json::find(*sent, "blind") != nullptr;
}

Result<void> AssetImport::save() {
    std::string out = fmt::format(R"({{"done":{})", done_);
    if (sent_) {
        std::vector<std::string> prints, had;
        for (const std::uint64_t print : sent_->prints) prints.push_back('"' + hex(print) + '"');
        for (const auto &[print, count] : sent_->had) had.push_back(fmt::format(R"("{}":{})", hex(print), count));
        out += fmt::format(R"(,"sent":{{"prints":[{}],"had":{{{}}})", fmt::join(prints, ","), fmt::join(had, ","));
        if (sent_->from) out += fmt::format(R"(,"from":{})", *sent_->from);
        if (sent_->blind) out += R"(,"blind":true)";
        if (phase_ == ImportPhase::created) out += R"(,"created":true)";
        out += '}';
    }
    if (search_.is_by_name()) out += R"(,"by_name":true)";
    const std::string position = options_.position ? options_.position() : std::string();
    if (!position.empty()) out += R"(,"position":)" + position;
    if (out.size() >= host_protocol::kMaxCheckpoint)
        return error(Code::limit,
                     "the position of this import does not fit into its checkpoint, because its folders or page "
                     "tokens are too long. Import less at a time.");
    return job_.save_checkpoint(out + "}");
}

bool AssetImport::was_sent(const NewAsset &asset) const {
    if (!sent_) return false;
    const std::uint64_t print = fingerprint(asset.external_id, asset.data);
    return std::find(sent_->prints.begin(), sent_->prints.end(), print) != sent_->prints.end();
}

Result<void> AssetImport::add(NewAsset asset) {
    chunk_.add(std::move(asset));
    // A chunk of an earlier attempt is the same chunk now, whatever the limits are.
    const bool full = sent_ ? chunk_.size() >= sent_->prints.size()
                            : chunk_.size() >= std::clamp<std::size_t>(options_.chunk, 1, kMaxChunk) ||
                                  chunk_.bytes() >= options_.chunk_bytes;
    return full ? send() : Result<void>();
}

Result<void> AssetImport::finish() { return chunk_.empty() ? Result<void>() : send(); }

std::string AssetImport::range() const {
    if (chunk_.size() == 1) return fmt::format("asset {}", done_ + 1);
    return fmt::format("assets {} to {}", done_ + 1, done_ + chunk_.size());
}

std::vector<std::uint64_t> AssetImport::prints() const {
    std::vector<std::uint64_t> out;
    for (const NewAsset &asset : chunk_.assets()) out.push_back(fingerprint(asset.external_id, asset.data));
    return out;
}

Result<void> AssetImport::send() {
    if (phase_ == ImportPhase::collecting)
        if (const auto ready = prepare(); !ready) return ready;
    if (phase_ != ImportPhase::created)
        if (const auto created = create(); !created) return created;
    if (chunk_.labelled() > 0) {
        if (const auto saved = save(); !saved) return saved;
        if (const auto labelled = send_labels(); !labelled) return labelled;
    }
    if (const auto now = hub_.server_time()) {
        recent_.add(*now, prints());
    }
    done_ += chunk_.size();
    chunk_.clear();
    sent_.reset();
    pass(ImportEvent::recorded);
    if (const auto saved = save(); !saved) return saved;
    job_.progress(done_, options_.total);
    return {};
}

/// Counts equal assets that must not be mistaken for this chunk, and saves that the chunk is about to be sent.
Result<void> AssetImport::prepare() {
    SentChunk sent;
    sent.prints = prints();
    const auto now = hub_.server_time();
    bool alone = false; // no equal asset was created since `from`
    if (now && search_.is_timed()) {
        sent.from = *now - ImportSearch::kClockMargin;
        recent_.forget_before(*sent.from - kSecond);
        alone = recent_since_ && *recent_since_ <= *sent.from &&
                std::none_of(sent.prints.begin(), sent.prints.end(),
                             [&](std::uint64_t print) { return recent_.contains(print); });
    }
    if (!alone) {
        std::vector<std::uint64_t> all;
        const auto found = search_.count(chunk_, {}, nullptr, recent_since_ ? nullptr : &all);
        if (!found) return found.error();
        if (!recent_since_ && *found && search_.is_timed()) {
            recent_since_ = (*found)->from;
            recent_.add(*hub_.server_time(), std::move(all));
        }
        sent.blind = !*found;
        sent.from.reset();
        if (*found) {
            sent.from = (*found)->from;
            for (std::size_t i = 0; i < chunk_.kinds().size(); ++i)
                if ((*found)->counts[i] > 0) sent.had[chunk_.kinds()[i].fingerprint] = (*found)->counts[i];
        }
    }
    sent_ = std::move(sent);
    pass(ImportEvent::prepared);
    return save();
}

/// Sends the assets, and again those that Hub did not create, until Hub has all of them.
Result<void> AssetImport::create() {
    Counts of_each = chunk_.wanted();
    Code doubt = Code::network;
    rest::Retry retry(hub_.options().retry, rest::real_world(job_.cancel), hub_.options().on_retry);
    std::size_t shortages = 0;
    for (;;) {
        if (phase_ == ImportPhase::in_doubt) {
            const auto left = missing(doubt);
            if (!left) return left.error();
            of_each = *left;
            const bool all = of_each == chunk_.none();
            pass(all ? ImportEvent::found_all : ImportEvent::found_part);
            if (all) return {};
        }
        const auto answer = post(of_each);
        if (answer) {
            pass(ImportEvent::accepted);
            return {};
        }
        if (answer.error().code == Code::full && ++shortages == kMostShortages) {
            pass(ImportEvent::answer_lost); // a later run finds out what is missing
            return error(Code::remote, answer.error().text +
                                           " Look into the project for the assets that are missing, correct "
                                           "them, and run the plugin again.");
        }
        if (!may_have_arrived(answer.error())) return answer;
        pass(ImportEvent::answer_lost);
        doubt = answer.error().code;
        if (retry.again(answer.error().text)) continue;
        if (job_.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        return error(Code::network, answer.error().text + retry.last_words());
    }
}

void AssetImport::pass(ImportEvent event) {
    const auto next = next_phase(phase_, event);
    if (!next) throw std::logic_error("an import met an event that its phase does not allow");
    phase_ = *next;
}

Result<void> AssetImport::post(const Counts &of_each) {
    rest::Call call{"the import of " + range(), "POST", "/v2/project/" + percent_encode(job_.project()) + "/cloud"};
    call.body = fmt::format(R"({{"assets":{},"uploadLocal":null,"priority":0}})", chunk_.import_json(of_each));
    call.repeat = false;
    const auto answer = hub_.call(call);
    if (!answer) return answer.error();
    const std::size_t sent = sum(of_each);
    const auto created = created_of(*answer);
    if (!created || *created >= sent) return {};
    return error(Code::full,
                 fmt::format("Hub created only {} of {} asset{} ({}).", *created, sent, sent == 1 ? "" : "s", range()));
}

/// Returns the assets of the chunk in doubt that Hub does not have, once their number does not change any more.
Result<AssetImport::Counts> AssetImport::missing(Code doubt) {
    Counts enough = chunk_.wanted();
    for (std::size_t i = 0; i < enough.size(); ++i)
        if (const auto had = sent_->had.find(chunk_.kinds()[i].fingerprint); had != sent_->had.end())
            enough[i] += had->second;
    auto found = there(&enough);
    const auto complete = [&] {
        return std::equal(found->begin(), found->end(), enough.begin(), std::greater_equal<>());
    };
    for (std::size_t i = 0; found && !complete() && i < options_.patience.size();) {
        if (job_.cancel.wait_for(options_.patience[i] * (doubt == Code::timeout ? kPatienceAfterTimeout : 1)))
            return error(Code::cancelled, "cancelled");
        auto again = there(&enough);
        i = again && *again != *found ? 0 : i + 1;
        found = std::move(again);
    }
    if (!found) return found.error();
    for (std::size_t i = 0; i < enough.size(); ++i) enough[i] -= std::min(enough[i], (*found)[i]);
    return enough;
}

Result<AssetImport::Counts> AssetImport::there(const Counts *enough) {
    std::optional<ImportSearch::Found> found;
    if (!sent_->blind) {
        auto counted = search_.count(chunk_, sent_->from, enough);
        if (!counted) return counted.error();
        found = std::move(*counted);
    }
    if (found) return std::move(found->counts);
    return error(Code::remote, fmt::format("Hub may have created {} of this import (the first is \"{}\"), but this Hub "
                                           "gives no way to find out. Look into the project and import the missing "
                                           "assets.",
                                           range(), chunk_.assets().front().external_id));
}

Result<void> AssetImport::send_labels() {
    rest::Call call{"the import of the labels of " + range(), "POST", "/v2/import/labels"};
    call.body = fmt::format(R"({{"project":{},"jsonContent":{}}})", json::quote(job_.project()), chunk_.labels_json());
    const auto answer = hub_.call(call);
    if (!answer) return answer.error();
    const json::Value *data = json::find(*answer, "data");
    const auto numbers = data ? two_numbers(json::text_or(*data, "project", "")) : std::nullopt;
    if (!numbers) return {};
    const std::uint64_t all = std::max<std::uint64_t>(numbers->second, chunk_.labelled());
    if (numbers->first < all)
        job_.log(LogLevel::warning,
                 fmt::format("Hub took the labels of {} of {} assets ({}).", numbers->first, all, range()));
    return {};
}

} // namespace angod::host
