#include "host/model/keep_existing.hpp"

namespace angod::host {

Result<void> keep_existing(ModelAnswer &answer, const ModelAnswer &existing, BrushMerge &brushes) {
    merge_existing(answer, existing);
    auto image = brushes.merge(BrushKind::image, answer.brush, existing.brush);
    if (!image) return image.error();
    answer.brush = std::move(*image);
    auto volume = brushes.merge(BrushKind::volume, answer.medical_brush, existing.medical_brush);
    if (!volume) return volume.error();
    answer.medical_brush = std::move(*volume);
    return {};
}

} // namespace angod::host
