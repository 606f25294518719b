// The smallest possible export converter, from disk to disk: it unzips the export, parses it and deflates the finished
// result. It uses the libraries of angod, one thread, no Hub and no conversion. It is not part of angod.
//
//     export EXPORT.zip RESULT OUT      RESULT: the converter's output, unzipped. Prints seconds, values and peak KB.
#include <archive.h>
#include <archive_entry.h>
#include <isa-l/igzip_lib.h>
#include <rapidjson/reader.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

void need(bool fine, const char *what) {
    if (fine) return;
    std::fprintf(stderr, "%s failed\n", what);
    std::exit(1);
}

// RapidJSON's input stream over the unzipped blocks.
class Unzipped {
public:
    using Ch = char;
    explicit Unzipped(const char *path) : archive_(archive_read_new()) {
        archive_read_support_format_zip(archive_);
        need(archive_read_open_filename(archive_, path, 256 * 1024) == ARCHIVE_OK, "opening the export");
        archive_entry *entry = nullptr;
        need(archive_read_next_header(archive_, &entry) == ARCHIVE_OK, "reading the export's entry");
        next_block();
    }
    ~Unzipped() { archive_read_free(archive_); }
    char Peek() const { return at_ < end_ ? *at_ : '\0'; }
    char Take() {
        const char taken = Peek();
        if (at_ < end_ && ++at_ == end_) next_block();
        return taken;
    }
    std::size_t Tell() const { return 0; }
    void Put(char) {}
    void Flush() {}
    char *PutBegin() { return nullptr; }
    std::size_t PutEnd(char *) { return 0; }
    bool ended() const { return at_ == end_; }

private:
    void next_block() {
        const void *data = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int result = archive_read_data_block(archive_, &data, &size, &offset);
        need(result == ARCHIVE_OK || result == ARCHIVE_EOF, "unzipping");
        at_ = static_cast<const char *>(data);
        end_ = result == ARCHIVE_OK ? at_ + size : at_;
    }
    archive *archive_;
    const char *at_ = nullptr, *end_ = nullptr;
};

struct CountValues : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, CountValues> {
    std::uint64_t values = 0;
    bool Default() {
        ++values;
        return true;
    }
};

std::uint64_t parse(const char *path) {
    Unzipped text(path);
    CountValues count;
    rapidjson::Reader reader;
    for (;;) {
        rapidjson::SkipWhitespace(text);
        if (text.ended()) return count.values;
        reader.Parse<rapidjson::kParseStopWhenDoneFlag>(text, count);
        if (reader.HasParseError()) // an unusual record (half a surrogate pair): go on with the next line
            while (!text.ended() && text.Take() != '\n') continue;
    }
}

void deflate_file(const char *from, const char *to) {
    std::FILE *in = std::fopen(from, "rb"), *out = std::fopen(to, "wb");
    need(in && out, "opening the result");
    std::vector<std::uint8_t> plain(256 * 1024), packed(256 * 1024), level(ISAL_DEF_LVL1_DEFAULT);
    isal_zstream stream;
    isal_deflate_init(&stream);
    stream.level = 1;
    stream.level_buf = level.data();
    stream.level_buf_size = static_cast<std::uint32_t>(level.size());
    stream.gzip_flag = IGZIP_GZIP;
    do {
        const std::size_t got = std::fread(plain.data(), 1, plain.size(), in);
        stream.next_in = plain.data();
        stream.avail_in = static_cast<std::uint32_t>(got);
        stream.end_of_stream = got < plain.size();
        do {
            stream.next_out = packed.data();
            stream.avail_out = static_cast<std::uint32_t>(packed.size());
            need(isal_deflate(&stream) == COMP_OK, "compressing");
            const std::size_t made = packed.size() - stream.avail_out;
            need(std::fwrite(packed.data(), 1, made, out) == made, "writing");
        } while (stream.avail_out == 0);
    } while (!stream.end_of_stream);
    need(std::fclose(out) == 0, "writing");
    std::fclose(in);
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t values = parse(argv[1]);
    deflate_file(argv[2], argv[3]);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    std::printf("%.6f %llu %ld\n", took.count(), static_cast<unsigned long long>(values), used.ru_maxrss);
    return 0;
}
