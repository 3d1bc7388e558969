"""Writes fixtures/*.json: what PyTorch says, for parity.test.ts. Run by hand; the tests only read the files.

    python3 test/parity/make-fixtures.py

Everything is computed in float64 on one thread. Pictures are written channels last (N, H, W, C), filters (kh, kw, in, out) and
matrices (in, out), as in src/blocks; so the numbers are transposed on the way in and out. Filters of transposed
convolutions are (kh, kw, out, in).
"""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(20)
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixtures')


def rounded(tensor, digits=9):
    return [float('%.*g' % (digits, x)) for x in tensor.detach().reshape(-1).tolist()]


def value(tensor):
    # What is given has nine digits and is written exactly; results keep three more.
    return {'shape': list(tensor.shape), 'data': rounded(tensor, 12)}


def given(tensor):
    # Rounded first, so that the file holds exactly what was computed with.
    return torch.tensor(rounded(tensor)).reshape(tensor.shape)


def random(*shape):
    return given(torch.randn(shape))


def write(name, content):
    with open(os.path.join(FOLDER, name + '.json'), 'w') as file:
        json.dump(content, file, separators=(',', ':'))
        file.write('\n')


def same_pad(x, size, stride, fill):
    """Rows and columns as TensorFlow adds them: the odd one behind. x is (N, C, H, W)."""
    pads = []
    for axis in (3, 2):
        length, k, s = x.shape[axis], size[axis - 2], stride[axis - 2]
        total = max((-(-length // s) - 1) * s + k - length, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads, value=fill)


def first(x):
    return x.permute(0, 3, 1, 2)


def last(x):
    return x.permute(0, 2, 3, 1)


def dense(x, w, b=None):
    return F.linear(x, w.T, b)


def conv(x, w, b, stride, padding):
    x = first(x)
    if padding == 'same':
        x = same_pad(x, w.shape[:2], stride, 0.0)
    return last(F.conv2d(x, w.permute(3, 2, 0, 1), b, stride=stride))


def pool(x, kind, size, stride, padding):
    x = first(x)
    same = padding == 'same'
    if kind == 'max':
        return last(F.max_pool2d(same_pad(x, size, stride, float('-inf')) if same else x, size, stride))
    if not same:
        return last(F.avg_pool2d(x, size, stride))
    ones = torch.ones_like(x)
    total = F.avg_pool2d(same_pad(x, size, stride, 0.0), size, stride)
    return last(total / F.avg_pool2d(same_pad(ones, size, stride, 0.0), size, stride))


blocks = []


def case(name, block, params, inputs, weights, function):
    """Forward values, and gradients of sum(r y) by every input and weight."""
    given = {**inputs, **weights}
    for tensor in given.values():
        tensor.requires_grad_(True)
    port = 'loss' if block in ('rms', 'crossEntropy', 'l1', 'huber', 'binaryCrossEntropy') else 'y'
    y = function(**given)
    r = random(*y.shape)
    (r * y).sum().backward()
    blocks.append({
        'name': name,
        'block': block,
        'params': params,
        'inputs': {key: value(tensor) for key, tensor in inputs.items()},
        'weights': {key: value(tensor) for key, tensor in weights.items()},
        'port': port,
        'output': value(y),
        'r': value(r),
        'gradients': {key: value(tensor.grad) for key, tensor in given.items()},
    })


case('dense', 'dense', {'features': 4}, {'x': random(3, 5)}, {'weight': random(5, 4), 'bias': random(4)},
     lambda x, weight, bias: dense(x, weight, bias))
case('dense without bias on rows of rows', 'dense', {'features': 3, 'bias': False}, {'x': random(2, 3, 4)},
     {'weight': random(4, 3)}, lambda x, weight: dense(x, weight))

for kernel, stride, padding, shape, filters in [
        ((3, 3), (1, 1), 'valid', (2, 5, 6, 2), 3),
        ((3, 3), (1, 1), 'same', (2, 5, 4, 1), 2),
        ((2, 3), (2, 1), 'valid', (2, 5, 6, 2), 2),
        ((3, 2), (2, 3), 'same', (2, 6, 5, 2), 2),
        ((1, 1), (1, 1), 'valid', (2, 3, 3, 4), 3),
        ((5, 5), (2, 2), 'same', (2, 4, 4, 1), 2)]:
    params = {'filters': filters, 'kernel': kernel, 'stride': stride, 'padding': padding}
    weights = {'weight': random(*kernel, shape[3], filters), 'bias': random(filters)}
    case('conv2d ' + json.dumps(params), 'conv2d', params, {'x': random(*shape)}, weights,
         lambda x, weight, bias, stride=stride, padding=padding: conv(x, weight, bias, stride, padding))

for kind in ('max', 'average'):
    for size, stride, padding, shape in [
            ((2, 2), (2, 2), 'valid', (2, 4, 6, 3)),
            ((2, 2), (2, 2), 'valid', (2, 5, 5, 1)),
            ((3, 2), (1, 2), 'valid', (2, 5, 4, 2)),
            ((3, 3), (2, 2), 'same', (2, 4, 5, 2)),
            ((2, 3), (1, 1), 'same', (2, 3, 4, 1))]:
        params = {'kind': kind, 'size': size, 'stride': stride, 'padding': padding}
        case('pooling ' + json.dumps(params), 'pooling', params, {'x': given(random(*shape) - 1.0)}, {},
             lambda x, p=params: pool(x, p['kind'], p['size'], p['stride'], p['padding']))

case('flatten', 'flatten', {}, {'x': random(2, 3, 2, 2)}, {}, lambda x: x.flatten(1))
case('linear', 'linear', {}, {'x': random(2, 3)}, {}, lambda x: torch.nn.Identity()(x))
case('relu', 'relu', {}, {'x': random(4, 5)}, {}, lambda x: F.relu(x))
case('tanh', 'tanh', {}, {'x': given(2 * random(4, 5))}, {}, lambda x: torch.tanh(x))
case('sigmoid', 'sigmoid', {}, {'x': given(3 * random(4, 5))}, {}, lambda x: torch.sigmoid(x))
case('softmax', 'softmax', {}, {'x': given(3 * random(3, 4))}, {}, lambda x: F.softmax(x, -1))
case('softmax of rows of rows', 'softmax', {}, {'x': random(2, 3, 4)}, {}, lambda x: F.softmax(x, -1))
case('rms', 'rms', {}, {'prediction': random(4, 3), 'target': random(4, 3)}, {},
     lambda prediction, target: F.mse_loss(prediction, target))
case('rms half', 'rms', {'form': 'half'}, {'prediction': random(4, 1), 'target': random(4, 1)}, {},
     lambda prediction, target: 0.5 * F.mse_loss(prediction, target))


def shares(*shape):
    return given(F.softmax(torch.randn(shape), -1))


case('cross entropy of logits', 'crossEntropy', {'expects': 'logits'},
     {'prediction': given(4 * random(5, 3)), 'target': shares(5, 3)}, {},
     lambda prediction, target: F.cross_entropy(prediction, target))
case('cross entropy of logits, found by itself', 'crossEntropy', {},
     {'prediction': given(30 * random(4, 2)), 'target': torch.eye(2)[[0, 1, 1, 0]].clone()}, {},
     lambda prediction, target: F.cross_entropy(prediction, target))
case('cross entropy of probabilities', 'crossEntropy', {'expects': 'probabilities'},
     {'prediction': shares(4, 3), 'target': shares(4, 3)}, {},
     lambda prediction, target: -(target * torch.log(prediction)).sum(-1).mean())

for slope in (0.01, 0.3):
    case('leaky ReLU with slope %g' % slope, 'leakyRelu', {'slope': slope}, {'x': random(4, 5)}, {},
         lambda x, slope=slope: F.leaky_relu(x, slope))
for alpha in (1, 0.5):
    case('ELU with alpha %g' % alpha, 'elu', {'alpha': alpha}, {'x': given(2 * random(4, 5))}, {},
         lambda x, alpha=alpha: F.elu(x, alpha))
case('ELU, also at exactly 0', 'elu', {'alpha': 0.5}, {'x': torch.tensor([[0.0, -1.0], [2.0, 0.0]])}, {},
     lambda x: F.elu(x, 0.5))
for beta in (1, 2):
    # The threshold is where PyTorch takes the identity instead; not within these numbers.
    case('softplus with beta %g' % beta, 'softplus', {'beta': beta}, {'x': given(3 * random(4, 5))}, {},
         lambda x, beta=beta: F.softplus(x, beta, threshold=1000))
case('softplus, also at exactly 0', 'softplus', {}, {'x': torch.tensor([[0.0, -1.0], [2.0, 0.0]])}, {},
     lambda x: F.softplus(x))
case('SiLU', 'swish', {}, {'x': given(3 * random(4, 5))}, {}, lambda x: F.silu(x))
case('PReLU with one slope', 'prelu', {}, {'x': random(4, 5)}, {'slope': random(1)}, lambda x, slope: F.prelu(x, slope))
case('PReLU with a slope for each feature', 'prelu', {'slopes': 'channel'}, {'x': random(4, 5)}, {'slope': random(5)},
     lambda x, slope: F.prelu(x, slope))
case('PReLU with a slope for each channel of a picture', 'prelu', {'slopes': 'channel'}, {'x': random(2, 3, 4, 3)},
     {'slope': random(3)}, lambda x, slope: last(F.prelu(first(x), slope)))
case('GELU', 'gelu', {}, {'x': given(2 * random(4, 5))}, {}, lambda x: F.gelu(x, approximate='tanh'))

for params, shape in [
        ({'filters': 3, 'kernel': (3, 3), 'stride': (2, 2), 'padding': (1, 1), 'outputPadding': (1, 1)}, (2, 3, 4, 2)),
        ({'filters': 2, 'kernel': (2, 3), 'stride': (3, 1), 'padding': (0, 1), 'outputPadding': (2, 0)}, (2, 3, 4, 3)),
        ({'filters': 4, 'kernel': (4, 3), 'stride': (1, 2), 'padding': (1, 0), 'outputPadding': (0, 0)}, (2, 4, 2, 1)),
        ({'filters': 2, 'kernel': (2, 2), 'stride': (2, 2), 'padding': (0, 0), 'outputPadding': (0, 0), 'bias': False},
         (2, 2, 3, 2))]:
    weights = {'weight': random(*params['kernel'], params['filters'], shape[3])}
    if params.get('bias', True):
        weights['bias'] = random(params['filters'])
    case('upconv2d ' + json.dumps(params), 'upconv2d', params, {'x': random(*shape)}, weights,
         lambda x, weight, bias=None, p=params: last(F.conv_transpose2d(
             first(x), weight.permute(3, 2, 0, 1), bias, p['stride'], p['padding'], p['outputPadding'])))

case('layer norm', 'layerNorm', {}, {'x': given(3 * random(4, 6) + 1)}, {'scale': random(6), 'shift': random(6)},
     lambda x, scale, shift: F.layer_norm(x, (6,), scale, shift, 1e-5))
case('layer norm of pictures', 'layerNorm', {'epsilon': 0.01}, {'x': random(2, 2, 3, 4)},
     {'scale': random(4), 'shift': random(4)}, lambda x, scale, shift: F.layer_norm(x, (4,), scale, shift, 0.01))
case('add', 'add', {}, {'a': random(3, 4), 'b': random(3, 4)}, {}, lambda a, b: torch.add(a, b))
case('multiply', 'multiply', {}, {'a': random(3, 4), 'b': random(3, 4)}, {}, lambda a, b: torch.mul(a, b))

case('L1', 'l1', {}, {'prediction': random(4, 3), 'target': random(4, 3)}, {},
     lambda prediction, target: F.l1_loss(prediction, target))
for delta in (1, 0.5):
    case('Huber with delta %g' % delta, 'huber', {'delta': delta},
         {'prediction': random(5, 3), 'target': random(5, 3)}, {},
         lambda prediction, target, delta=delta: F.huber_loss(prediction, target, delta=delta))


def chances(*shape):
    return given(torch.rand(shape) * 0.9 + 0.05)


def surprise(prediction, target):
    # PyTorch's function has no gradient by the target; written out it has, and the same value.
    loss = -(target * torch.log(prediction) + (1 - target) * torch.log(1 - prediction)).mean()
    assert abs(loss - F.binary_cross_entropy(prediction, target.detach())) < 1e-14
    return loss


case('binary cross entropy of logits', 'binaryCrossEntropy', {'expects': 'logits'},
     {'prediction': given(4 * random(5, 3)), 'target': chances(5, 3)}, {},
     lambda prediction, target: F.binary_cross_entropy_with_logits(prediction, target))
case('binary cross entropy of logits, found by itself', 'binaryCrossEntropy', {},
     {'prediction': given(30 * random(4, 2)),
      'target': torch.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])}, {},
     lambda prediction, target: F.binary_cross_entropy_with_logits(prediction, target))
case('binary cross entropy of probabilities', 'binaryCrossEntropy', {'expects': 'probabilities'},
     {'prediction': given(torch.sigmoid(2 * random(4, 3))), 'target': torch.randint(0, 2, (4, 3)).double()}, {},
     lambda prediction, target: surprise(prediction, target))

write('blocks', blocks)


# Ten steps of training, batch by batch.

def mlp(x, w):
    h = torch.tanh(dense(x, w['h.weight'], w['h.bias']))
    return dense(F.relu(dense(h, w['k.weight'], w['k.bias'])), w['out.weight'], w['out.bias'])


def cnn(x, w):
    h = F.relu(conv(x, w['c1.weight'], w['c1.bias'], (1, 1), 'same'))
    h = pool(h, 'max', (2, 2), (2, 2), 'valid')
    h = torch.tanh(conv(h, w['c2.weight'], w['c2.bias'], (2, 2), 'same'))
    h = pool(h, 'average', (2, 2), (1, 1), 'valid')
    return dense(h.flatten(1), w['out.weight'], w['out.bias'])


def scaled(*shape):
    fan = 1
    for size in shape[:-1]:
        fan *= size
    return given(torch.randn(shape) / fan ** 0.5)


networks = {
    'mlp': (mlp, 24, (3,), {
        'h.weight': scaled(3, 6), 'h.bias': given(0.1 * random(6)), 'k.weight': scaled(6, 5), 'k.bias': given(0.1 * random(5)),
        'out.weight': scaled(5, 3), 'out.bias': torch.zeros(3)}),
    'cnn': (cnn, 16, (8, 8, 1), {
        'c1.weight': scaled(3, 3, 1, 3), 'c1.bias': given(0.1 * random(3)), 'c2.weight': scaled(3, 3, 3, 4),
        'c2.bias': given(0.1 * random(4)), 'out.weight': scaled(4, 3), 'out.bias': torch.zeros(3)}),
}
settings = [
    ('sgd', {'rate': 0.1, 'momentum': 0}, lambda ws: torch.optim.SGD(ws, lr=0.1)),
    ('sgd', {'rate': 0.05, 'momentum': 0.9}, lambda ws: torch.optim.SGD(ws, lr=0.05, momentum=0.9)),
    ('adam', {'rate': 0.001, 'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-8}, lambda ws: torch.optim.Adam(ws, lr=0.001)),
    ('adam', {'rate': 0.02, 'beta1': 0.8, 'beta2': 0.95, 'epsilon': 1e-4},
     lambda ws: torch.optim.Adam(ws, lr=0.02, betas=(0.8, 0.95), eps=1e-4)),
    ('sgd', {'rate': 0.05, 'momentum': 0.9, 'nesterov': True},
     lambda ws: torch.optim.SGD(ws, lr=0.05, momentum=0.9, nesterov=True)),
    ('sgd', {'rate': 0.05, 'momentum': 0.8, 'decay': 0.1},
     lambda ws: torch.optim.SGD(ws, lr=0.05, momentum=0.8, weight_decay=0.1)),
    ('sgd', {'rate': 0.05, 'momentum': 0.7, 'nesterov': True, 'decay': 0.05},
     lambda ws: torch.optim.SGD(ws, lr=0.05, momentum=0.7, nesterov=True, weight_decay=0.05)),
    ('rmsprop', {'rate': 0.01, 'rho': 0.99, 'epsilon': 1e-8}, lambda ws: torch.optim.RMSprop(ws, lr=0.01, alpha=0.99)),
    ('rmsprop', {'rate': 0.02, 'rho': 0.9, 'epsilon': 1e-4},
     lambda ws: torch.optim.RMSprop(ws, lr=0.02, alpha=0.9, eps=1e-4)),
    ('adagrad', {'rate': 0.02, 'epsilon': 1e-10}, lambda ws: torch.optim.Adagrad(ws, lr=0.02)),
    ('adadelta', {'rate': 1, 'rho': 0.9, 'epsilon': 1e-6}, lambda ws: torch.optim.Adadelta(ws, lr=1, rho=0.9)),
    ('adamw', {'rate': 0.001, 'beta1': 0.9, 'beta2': 0.999, 'epsilon': 1e-8, 'decay': 0.01},
     lambda ws: torch.optim.AdamW(ws, lr=0.001)),
    ('adamw', {'rate': 0.02, 'beta1': 0.8, 'beta2': 0.95, 'epsilon': 1e-4, 'decay': 0.2},
     lambda ws: torch.optim.AdamW(ws, lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.2)),
]

for name, (forward, count, features, first_weights) in networks.items():
    x = random(count, *features)
    y = torch.randint(0, 3, (count,))
    runs = []
    for kind, params, make in settings:
        weights = {key: tensor.clone().requires_grad_(True) for key, tensor in first_weights.items()}
        optimizer = make(list(weights.values()))
        order = torch.randperm(count)
        steps = []
        for step in range(10):
            rows = [int(order[(step * 8 + i) % count]) for i in range(8)]
            optimizer.zero_grad()
            logits = forward(x[rows], weights)
            loss = F.cross_entropy(logits, y[rows])
            loss.backward()
            optimizer.step()
            accuracy = (logits.argmax(-1) == y[rows]).double().mean()
            steps.append({'rows': rows, 'loss': rounded(loss, 12)[0], 'accuracy': float(accuracy)})
        runs.append({
            'optimizer': {'type': kind, 'params': params},
            'steps': steps,
            'weights': {key: value(tensor) for key, tensor in weights.items()},
        })
    write(name, {
        'features': value(x), 'classes': [int(k) for k in y],
        'first': {key: value(tensor) for key, tensor in first_weights.items()}, 'runs': runs})
