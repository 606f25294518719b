#include "host/brush/brush_merge.hpp"

#include "host/brush/image_overlay.hpp"
#include "host/brush/volume_overlay.hpp"
#include "host/pipeline/download.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::host {

namespace {

constexpr std::size_t kMaxFile = std::size_t{256} << 20; // bytes

const char *type_of(BrushKind kind) { return kind == BrushKind::image ? "brushes" : "medicalBrushes"; }

/// Whether the file may be had by a later attempt.
bool may_pass(Code code) {
    return code == Code::network || code == Code::timeout || code == Code::cancelled || code == Code::io;
}

} // namespace

Result<std::string> BrushMerge::merge(BrushKind kind, const std::string &fresh, const std::string &existing) {
    if (fresh.empty() || existing.empty() || fresh == existing) return fresh.empty() ? existing : fresh;
    const auto lay_over = [&]() -> Result<std::string> {
        const auto above = bytes_of(kind, fresh);
        if (!above) return above.error();
        const auto below = bytes_of(kind, existing);
        if (!below) return below.error();
        return kind == BrushKind::image ? lay_image_over(*above, *below) : lay_volume_over(*above, *below);
    };
    const auto both = lay_over();
    if (!both && may_pass(both.error().code)) return both.error();
    if (!both) {
        job_.log(LogLevel::warning,
                 fmt::format("The new brush traces replace the existing ones, because {}.",
                             both.error().text.substr(0, both.error().text.find_last_not_of('.') + 1)));
        return fresh;
    }
    return upload_file(access_, job_, type_of(kind), kind == BrushKind::image ? "brush.png" : "brush.seg.nrrd", *both);
}

Result<std::string> BrushMerge::bytes_of(BrushKind kind, const std::string &url) {
    const auto own = std::find_if(uploads_.begin(), uploads_.end(), [&](const auto &file) { return file.url == url; });
    if (own != uploads_.end()) return own->bytes;

    const rest::StoredFile stored{url, job_.project(), "", type_of(kind), "the brush traces"};
    const auto address = access_.hub.signed_url(stored);
    if (!address) return address.error();
    DownloadRequest request{
        *address, "the brush traces", access_.hub.options().retry, access_.hub.options().on_retry, {}};
    request.renew = [&] { return access_.hub.signed_url(stored); };
    std::string bytes;
    bool too_long = false;
    const auto loaded = download(access_.client, request, job_.cancel, [&](std::string_view piece) {
        too_long = piece.size() > kMaxFile - bytes.size();
        if (!too_long) bytes += piece;
        return !too_long;
    });
    if (too_long) return error(Code::limit, fmt::format("one of the files has more than {} MB", kMaxFile >> 20));
    if (!loaded) return loaded.error();
    return bytes;
}

} // namespace angod::host
