/// HDF5 behind one thin layer: handles that close themselves, errors that become exceptions.
///
/// The C API, because it is packaged, complete (dimension scales, filters) and what every tool
/// reads; hdf5.h is included by this file's folder only. All calls come from one thread at a time.
#pragma once

#include <hdf5.h>
#include <hdf5_hl.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tollgate {

/// A call of the HDF5 library failed; the message has the library's own words.
class Hdf5Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace hdf5 {

/// Throws Hdf5Error with the library's error stack when `status` is negative.
template <class Status>
Status check(Status status, const char* call);
extern template hid_t check<hid_t>(hid_t, const char*);
extern template herr_t check<herr_t>(herr_t, const char*);

/// Owns an HDF5 identifier; `Close` is the function that ends it.
template <herr_t (*Close)(hid_t)>
class Handle {
 public:
  Handle() = default;
  Handle(hid_t id, const char* call) : id_(check(id, call)) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = std::exchange(other.id_, -1);
    }
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { reset(); }

  [[nodiscard]] hid_t get() const { return id_; }

  /// Closes now and reports failure, which the destructor cannot.
  void close(const char* call) {
    if (id_ >= 0) check(Close(std::exchange(id_, -1)), call);
  }

 private:
  void reset() noexcept {
    if (id_ >= 0) Close(std::exchange(id_, -1));
  }
  hid_t id_ = -1;
};

using File = Handle<H5Fclose>;
using Dataset = Handle<H5Dclose>;
using Space = Handle<H5Sclose>;
using Type = Handle<H5Tclose>;
using Attribute = Handle<H5Aclose>;
using Properties = Handle<H5Pclose>;

/// A file that lies in memory, to read; the library copies the bytes.
File open_image(const std::vector<std::byte>& image);

/// Variable-length UTF-8 text.
Type text_type();

void write_attribute(hid_t object, const char* name, const std::string& text);
void write_attribute(hid_t object, const char* name, std::int64_t value);
void write_attribute(hid_t object, const char* name, const std::vector<std::int8_t>& values);

/// Text of an attribute, or nothing when there is none of the name.
std::string read_text_attribute(hid_t object, const char* name);
std::int64_t read_integer_attribute(hid_t object, const char* name);

/// Extent of a dataset; empty when it is a scalar.
std::vector<hsize_t> shape_of(const Dataset& dataset);

/// Reads or writes the box of `count` elements from `start` on, as `type` in memory.
void read_box(const Dataset& dataset, hid_t type, const std::vector<hsize_t>& start,
              const std::vector<hsize_t>& count, void* to);
void write_box(const Dataset& dataset, hid_t type, const std::vector<hsize_t>& start,
               const std::vector<hsize_t>& count, const void* from);

/// Names in the root group, in the order in which they were made.
std::vector<std::string> names_in(hid_t file);

/// `count` strings from `start` on of a one-dimensional text dataset.
std::vector<std::string> read_texts(const Dataset& dataset, hsize_t start, hsize_t count);
/// All strings of a text dataset of one dimension or none.
std::vector<std::string> read_texts(hid_t file, const char* name);

/// Stops the library from printing its errors; they become exceptions.
void silence();

}  // namespace hdf5
}  // namespace tollgate
