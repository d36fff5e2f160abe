// Normalises the query string (sorted, without defaults and blanks), so that equal searches share one cache entry.
// infra/normalise_query.py fills in, for each path, the values that say no more than leaving the parameter out.
// A path without parameters is found by itself, any other by a regular expression.
var ROUTES = ABSENT_VALUES;
// CloudFront ends a function that computes for a millisecond. A query with more values keeps its own cache entry.
var MOST_VALUES = 100;

function absentValues(uri) {
  if (Object.prototype.hasOwnProperty.call(ROUTES.paths, uri)) {
    return ROUTES.paths[uri];
  }
  for (var i = 0; i < ROUTES.patterns.length; i++) {
    if (new RegExp(ROUTES.patterns[i].path).test(uri)) {
      return ROUTES.patterns[i].absent;
    }
  }
  return {};
}

function countValues(given, names) {
  var count = names.length;
  for (var i = 0; i < names.length && count <= MOST_VALUES; i++) {
    var repeated = given[names[i]].multiValue;
    count += repeated ? repeated.length - 1 : 0;
  }
  return count;
}

function handler(event) {
  var request = event.request;
  var given = request.querystring;
  var names = Object.keys(given);
  if (countValues(given, names) > MOST_VALUES) {
    return request;
  }
  var absent = absentValues(request.uri);
  var pairs = [];
  names.sort().forEach(function (name) {
    var parameter = given[name];
    var isKnown = Object.prototype.hasOwnProperty.call(absent, name);
    if (parameter.multiValue) {
      // What is repeated is left as it is: tags, and mistakes that the API names.
      parameter.multiValue.forEach(function (each) {
        pairs.push(name + '=' + each.value);
      });
    } else if (!isKnown || absent[name].indexOf(parameter.value) === -1) {
      pairs.push(name + '=' + parameter.value);
    }
  });
  request.querystring = pairs.join('&');
  return request;
}
